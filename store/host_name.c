/* host_name.c - take names of hosts apart, and judge them by ssh's own rules. */
#include "store/host_name.h"

#include "store/base/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 512 };

void host_name_release(HostName *name)
{
	free(name->user);
	free(name->host);
	free(name->port);
}

/* What ssh itself refuses in names, because they end up in ProxyCommand's shell. */
static bool is_harmless(const char *text, const char *forbidden)
{
	if (*text == '-' || *text == '\0')
		return false;
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 127 || strchr(forbidden, *text))
			return false;
	return true;
}

static char *take_port(char *host)
{
	char *colon = strrchr(host, ':');

	/* Several colons are an IPv6 address; one after ']' is the port again. */
	if (!colon || (host[0] != '[' && strchr(host, ':') != colon) || (host[0] == '[' && colon[-1] != ']'))
		return NULL;
	*colon = '\0';
	return mem_copy_text(colon + 1);
}

void host_name_split(HostName *name, const char *text)
{
	const char *at = strrchr(text, '@');
	char *host = mem_copy_text(at ? at + 1 : text);
	size_t n;

	*name = (HostName){ .user = at ? mem_copy(text, (size_t)(at - text)) : NULL, .port = take_port(host) };
	n = strlen(host);
	name->host = n > 2 && host[0] == '[' && host[n - 1] == ']' ? mem_copy(host + 1, n - 2) : mem_copy_text(host);
	free(host);
}

bool host_name_is_port(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits < 6 && text[digits] == '\0' && atoi(text) > 0 && atoi(text) < 65536;
}

static int check(const HostName *name, const char *text, Err *err)
{
	static const char shell[] = "'`\"$\\;&<>|(){}[]*?";

	bool is_dots = strcmp(name->host, ".") == 0 || strcmp(name->host, "..") == 0;

	if (strlen(text) > NAME_MAX_BYTES || is_dots || !is_harmless(name->host, shell) || strchr(name->host, '/'))
		return err_set(err, EINVAL, "\"%.100s\" names no host; expected [USER@]HOST[:PORT]", text);
	if (name->user && !is_harmless(name->user, shell))
		return err_set(err, EINVAL, "\"%.100s\": the user before @ is none that ssh would take", text);
	if (name->port && !host_name_is_port(name->port))
		return err_set(err, EINVAL, "\"%.100s\": the port after the last : is none; expected 1 to 65535", text);
	return 0;
}

int host_name_check(const char *text, Err *err)
{
	HostName name;
	int rc;

	host_name_split(&name, text);
	rc = check(&name, text, err);
	host_name_release(&name);
	return rc;
}

char *host_name_host(const char *text)
{
	HostName name;
	char *host;

	host_name_split(&name, text);
	host = name.host;
	name.host = NULL;
	host_name_release(&name);
	return host;
}
