/* known_hosts.c - read known_hosts files, judge a key. What of libcrypto looks at keys. */
#include "node/ssh/known_hosts.h"

#include "store/base/list.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LINES_MAX = 1000000,    /* of a file that are looked at */
	KEYS_MAX = 256,         /* of one host that are remembered */
	BLOB_MAX = 16384,       /* bytes; an RSA key of 16384 bits has 2 KiB */
	SHA1_BYTES = 20,
};

typedef struct HostKey {
	char *type, *base64;
	char *file;
	unsigned line;
	bool revoked;
} HostKey;

struct HostKeys {
	char *name;
	HostKey keys[KEYS_MAX];
	size_t count;
	char *authority;        /* "FILE:LINE" of the first @cert-authority for this host, or NULL */
};

/* --- base64 and digests ------------------------------------------------------------------------ */

/* Returns the number of bytes, at most size; -1: not base64, or too long. */
static long decode(const char *base64, size_t n, unsigned char *bytes, size_t size)
{
	unsigned char whole[BLOB_MAX + 3];
	long got;
	size_t padding = n >= 2 ? (size_t)(base64[n - 1] == '=') + (base64[n - 2] == '=') : 0;

	if (n == 0 || n % 4 || n / 4 * 3 > sizeof whole)
		return -1;
	got = EVP_DecodeBlock(whole, (const unsigned char *)base64, (int)n);
	got = got < 0 ? -1 : got - (long)padding;
	if (got < 0 || (size_t)got > size)
		return -1;
	memcpy(bytes, whole, (size_t)got);
	return got;
}

int hostkeys_fingerprint(const char *base64, Buf *fingerprint)
{
	unsigned char blob[BLOB_MAX], digest[EVP_MAX_MD_SIZE], text[EVP_MAX_MD_SIZE * 2];
	long n = decode(base64, strlen(base64), blob, sizeof blob);
	unsigned length = 0;
	int written;

	if (n < 0 || !EVP_Digest(blob, (size_t)n, digest, &length, EVP_sha256(), NULL))
		return -1;
	written = EVP_EncodeBlock(text, digest, (int)length);
	while (written > 0 && text[written - 1] == '=')
		written--;
	buf_add_text(fingerprint, "SHA256:");
	buf_add(fingerprint, text, (size_t)written);
	return 0;
}

/* The key's own word for its type: the string that its blob begins with. */
static int key_type(const char *base64, Buf *type)
{
	unsigned char blob[BLOB_MAX];
	long n = decode(base64, strlen(base64), blob, sizeof blob);
	size_t length;

	if (n < 4)
		return -1;
	length = (size_t)blob[0] << 24 | (size_t)blob[1] << 16 | (size_t)blob[2] << 8 | blob[3];
	if (length == 0 || length > 64 || length > (size_t)n - 4)
		return -1;
	for (size_t i = 0; i < length; i++)
		if (!isgraph(blob[4 + i]))
			return -1;
	buf_add(type, blob + 4, length);
	return 0;
}

/* --- does a line's first field mean this host? ------------------------------------------------- */

/* |1|SALT|HASH, both base64: the HMAC-SHA1 of the name under the salt. */
static bool hashed_is(const char *field, size_t n, const char *name)
{
	const char *salt = field + 3, *hash = memchr(salt, '|', n - 3);
	unsigned char key[SHA1_BYTES], wanted[SHA1_BYTES], got[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (!hash || decode(salt, (size_t)(hash - salt), key, sizeof key) != SHA1_BYTES)
		return false;
	hash++;
	if (decode(hash, (size_t)(field + n - hash), wanted, sizeof wanted) != SHA1_BYTES)
		return false;
	return HMAC(EVP_sha1(), key, sizeof key, (const unsigned char *)name, strlen(name), got, &length) &&
		length == SHA1_BYTES && memcmp(got, wanted, SHA1_BYTES) == 0;
}

/* '*' any run, '?' any one character, as everywhere in ssh. Linear in practice: one restart point. */
static bool pattern_is(const char *pattern, size_t n, const char *name)
{
	const char *end = pattern + n, *star = NULL, *from = NULL;

	while (*name) {
		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			from = name;
		} else if (pattern < end && (*pattern == '?' || tolower((unsigned char)*pattern) == *name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++from;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

/* A negated pattern that fits rules the line out, whatever else is on it. */
static bool hosts_are(const char *field, const char *name)
{
	bool fits = false;

	if (strncmp(field, "|1|", 3) == 0)
		return hashed_is(field, strlen(field), name);
	while (*field) {
		size_t n = strcspn(field, ",");
		bool not = *field == '!';

		if (pattern_is(field + not, n - not, name)) {
			if (not)
				return false;
			fits = true;
		}
		field += n + (field[n] == ',');
	}
	return fits;
}

/* --- reading ----------------------------------------------------------------------------------- */

static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	size_t n = strcspn(word, " \t\r\n");

	*rest = word + n + (word[n] != '\0');
	word[n] = '\0';
	return word;
}

static void take_line(HostKeys *keys, char *rest, const char *file, unsigned line)
{
	char *hosts = next_word(&rest), *marker = NULL, *type, *base64;
	Buf place = BUF_INIT;

	if (*hosts == '#' || *hosts == '\0')
		return;
	if (*hosts == '@') {
		marker = hosts;
		hosts = next_word(&rest);
	}
	type = next_word(&rest);
	base64 = next_word(&rest);
	if (*base64 == '\0' || !hosts_are(hosts, keys->name))
		return;
	if (marker && strcmp(marker, "@cert-authority") == 0) {
		buf_addf(&place, "%s:%u", file, line);
		if (!keys->authority)
			keys->authority = buf_take(&place);
		buf_release(&place);
		return;
	}
	if ((marker && strcmp(marker, "@revoked") != 0) || keys->count == KEYS_MAX)
		return;
	keys->keys[keys->count++] = (HostKey){ mem_copy_text(type), mem_copy_text(base64), mem_copy_text(file), line,
					       marker != NULL };
}

/* Nothing but a plain file: a pipe would make us wait. */
static FILE *open_plain(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return NULL;
	}
	return fdopen(fd, "r");
}

static void read_file(HostKeys *keys, const char *path)
{
	FILE *file = open_plain(path);
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return;
	for (unsigned n = 1; n <= LINES_MAX && getline(&line, &room, file) > 0; n++)
		take_line(keys, line, path, n);
	free(line);
	fclose(file);
}

void hostkeys_name(Buf *name, const char *host, unsigned port)
{
	if (port != 22)
		buf_add_char(name, '[');
	for (; *host; host++)
		buf_add_char(name, (char)tolower((unsigned char)*host));
	if (port != 22)
		buf_addf(name, "]:%u", port);
}

HostKeys *hostkeys_read(char *const *paths, size_t n, const char *name)
{
	HostKeys *keys = mem_new_zeroed(sizeof *keys);

	keys->name = mem_copy_text(name);
	for (size_t i = 0; i < n; i++)
		read_file(keys, paths[i]);
	return keys;
}

void hostkeys_free(HostKeys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->count; i++) {
		free(keys->keys[i].type);
		free(keys->keys[i].base64);
		free(keys->keys[i].file);
	}
	free(keys->authority);
	free(keys->name);
	free(keys);
}

/* --- judging ----------------------------------------------------------------------------------- */

static const HostKey *find(const HostKeys *keys, const char *base64, bool revoked)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].revoked == revoked && strcmp(keys->keys[i].base64, base64) == 0)
			return &keys->keys[i];
	return NULL;
}

/* A key to hold against the one that was shown: one of its type if there is one. */
static const HostKey *find_other(const HostKeys *keys, const char *type)
{
	const HostKey *other = NULL;

	for (size_t i = 0; i < keys->count; i++) {
		const HostKey *key = &keys->keys[i];

		if (!key->revoked && (!other || (strcmp(key->type, type) == 0 && strcmp(other->type, type) != 0)))
			other = key;
	}
	return other;
}

HostVerdict hostkeys_judge(const HostKeys *keys, const char *base64, Err *err)
{
	Buf shown = BUF_INIT, type = BUF_INIT;
	const HostKey *key;
	HostVerdict verdict = HOST_UNKNOWN;

	hostkeys_fingerprint(base64, &shown);
	key_type(base64, &type);
	if ((key = find(keys, base64, true))) {
		verdict = HOST_REVOKED;
		err_set(err, EKEYREVOKED, "the host key %s of %s is revoked by %s:%u", buf_text(&shown), keys->name,
			key->file, key->line);
	} else if (find(keys, base64, false)) {
		verdict = HOST_KNOWN;
	} else if ((key = find_other(keys, buf_text(&type)))) {
		verdict = HOST_CHANGED;
		err_set(err, EKEYREJECTED, "the host key of %s has changed to %s, %s:%u has another: somebody may be in between; "
			"if the host was installed anew, remove that line", keys->name, buf_text(&shown), key->file, key->line);
	} else if (keys->authority) {
		err_set(err, ENOKEY, "the host key %s of %s is not known; the @cert-authority in %s is not used: compare it, "
			"then echo trust > ctl", buf_text(&shown), keys->name, keys->authority);
	} else {
		err_set(err, ENOKEY, "the host key %s of %s is not known: compare it with the host's own, then "
			"echo trust > ctl", buf_text(&shown), keys->name);
	}
	buf_release(&shown);
	buf_release(&type);
	return verdict;
}

/* Of one RSA key there are several signatures; plain ssh-rsa is SHA-1 and for those only who ask for it. */
static const struct { const char *type, *algorithm; } preferences[] = {
	{ "ssh-ed25519", "ssh-ed25519" },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521" },
	{ "ssh-rsa", "rsa-sha2-512" },
	{ "ssh-rsa", "rsa-sha2-256" },
	{ "ssh-rsa", "ssh-rsa" },
};

static bool is_allowed(const char *allowed, const char *algorithm)
{
	return allowed ? list_has(allowed, ",", algorithm, strlen(algorithm)) : strcmp(algorithm, "ssh-rsa") != 0;
}

static bool has_type(const HostKeys *keys, const char *type)
{
	for (size_t i = 0; i < keys->count; i++)
		if (!keys->keys[i].revoked && strcmp(keys->keys[i].type, type) == 0)
			return true;
	return false;
}

int hostkeys_prefer(const HostKeys *keys, const char *allowed, Buf *algorithms, Err *err)
{
	for (int known = 1; known >= 0; known--)
		for (size_t i = 0; i < sizeof preferences / sizeof *preferences; i++)
			if (has_type(keys, preferences[i].type) == known && is_allowed(allowed, preferences[i].algorithm))
				buf_addf(algorithms, "%s%s", algorithms->length ? "," : "", preferences[i].algorithm);
	return algorithms->length ? 0 : err_set(err, EINVAL, "HostKeyAlgorithms %s of ssh_config: wulfs (by libssh) knows none of "
		"them; allow one that it does", allowed);
}

/* --- recording --------------------------------------------------------------------------------- */

int hostkeys_line(const HostKeys *keys, const char *base64, Buf *line)
{
	Buf type = BUF_INIT;
	int rc = key_type(base64, &type);

	if (rc == 0)
		buf_addf(line, "%s %s %s", keys->name, type.data, base64);
	buf_release(&type);
	return rc;
}

static bool has_line(const char *path, const char *wanted)
{
	FILE *file = open_plain(path);
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (!file)
		return false;
	while (!found && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		found = strcmp(line, wanted) == 0;
	}
	free(line);
	fclose(file);
	return found;
}

/* In one write, so that two of them at once are two lines. */
int hostkeys_add(const char *path, const char *line, Err *err)
{
	Buf text = BUF_INIT;
	int fd, rc = 0;

	if (!path)
		return err_set(err, ENOENT, "there is no file to keep host keys in");
	if (has_line(path, line))
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	buf_addf(&text, "%s\n", line);
	if (fd < 0 || write(fd, text.data, text.length) != (ssize_t)text.length || fsync(fd) < 0)
		rc = err_sys(err, errno, "%s: the host key could not be recorded", path);
	if (fd >= 0)
		close(fd);
	buf_release(&text);
	return rc;
}
