/* deliver_fuzz.c - what a node's login and shell may answer while the agent is brought there. The script that
 * we send tells the node the mark, so a hostile one knows it: in the input, byte 1 stands for it. Byte 0 of the
 * input is how much of it one read gives at most, byte 1 what is on stderr (its last so many bytes).
 *
 * Whatever comes: it ends, after a bounded number of images sent; it is refused with a sentence that can be shown
 * on a terminal, or the agent is up and not a byte of what it said already is lost. */
#include "node/ssh/agent_image.h"
#include "node/ssh/deliver.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MARK = 1, IMAGES_MAX = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Node {
	Buf heard;              /* the script */
	Buf answer;
	size_t told, piece;
	uint64_t written;
	const char *said;
	const uint8_t *data;    /* the answer, before its marks are filled in */
	size_t size;
} Node;

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The script ends with a call of main, and the mark is its first word. */
static void learn_mark(Node *node)
{
	const char *mark = strstr(buf_text(&node->heard), "\nmain wulfs-") + strlen("\nmain ");
	size_t n = strcspn(mark, " ");

	for (size_t i = 0; i < node->size; i++)
		if (node->data[i] == MARK)
			buf_add(&node->answer, mark, n);
		else
			buf_add_char(&node->answer, (char)node->data[i]);
}

static ssize_t node_read(void *arg, char *bytes, size_t n, Wait *wait, Err *err)
{
	Node *node = arg;
	size_t left = node->answer.length - node->told;

	(void)wait, (void)err;
	n = n < node->piece ? n : node->piece;
	n = n < left ? n : left;
	if (n)
		memcpy(bytes, node->answer.data + node->told, n);
	node->told += n;
	return (ssize_t)n;
}

static int node_write(void *arg, const char *bytes, size_t n, Wait *wait, Err *err)
{
	Node *node = arg;

	(void)wait, (void)err;
	if (node->heard.length == 0) {
		buf_add(&node->heard, bytes, n);
		learn_mark(node);
	}
	node->written += n;
	return 0;
}

static const char *node_said(void *arg)
{
	return ((Node *)arg)->said;
}

static void require_sentence(const Err *err)
{
	require(err->number > 0 && err->text[0]);
	for (const char *c = err->text; *c; c++)
		require((unsigned char)*c >= ' ' && *c != 0x7f);
}

/* The greatest image is our own or the source. */
static uint64_t image_bytes(void)
{
	uint64_t most = (uint64_t)(agent_image_source()->end - agent_image_source()->bytes);

	for (size_t i = 0; agent_image(i); i++)
		if ((uint64_t)(agent_image(i)->end - agent_image(i)->bytes) > most)
			most = (uint64_t)(agent_image(i)->end - agent_image(i)->bytes);
	return most;
}

/* What is left are the bytes that follow a line that said "up". */
static void require_rest(const Node *node, const Buf *rest)
{
	static const char up[] = " up";
	size_t end = node->told - rest->length;

	require(rest->length < node->told);
	require(rest->length == 0 || memcmp(rest->data, node->answer.data + end, rest->length) == 0);
	require(node->answer.data[end - 1] == '\n' || end >= 4096);
	require(memmem(node->answer.data, end, up, strlen(up)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Node node = { .heard = BUF_INIT, .answer = BUF_INIT };
	const Carrier carrier = { node_read, node_write, node_said, &node };
	Wait wait = { .owner = -1 };
	Err err = { .number = 0 }, caveat;
	Buf rest = BUF_INIT;
	size_t said;
	char *text;

	if (size < 2)
		return 0;
	node.piece = data[0] ? data[0] : 4096;
	said = data[1] < size - 2 ? data[1] : size - 2;
	text = mem_copy(data + size - said, said);
	node.said = text;
	node.data = data + 2;
	node.size = size - 2 - said;
	if (deliver(&carrier, "00000000-0000-0000-0000-000000000000", "node", &rest, &caveat, &wait, &err) == 0)
		require_rest(&node, &rest);
	else
		require_sentence(&err);
	if (caveat.number)
		require_sentence(&caveat);
	require(node.written <= (IMAGES_MAX + 1) * (image_bytes() + 32) + 32768);
	buf_release(&node.heard);
	buf_release(&node.answer);
	buf_release(&rest);
	free(text);
	return 0;
}
