/* digest.c - SHA-256. It fails only for want of memory, which ends the program everywhere else, too. */
#include "node/files/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct Digest {
	EVP_MD_CTX *context;
};

static void require(int holds)
{
	if (!holds)
		abort();
}

Digest *digest_new(void)
{
	Digest *digest = malloc(sizeof *digest);

	require(digest != NULL);
	digest->context = EVP_MD_CTX_new();
	require(digest->context && EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL));
	return digest;
}

void digest_add(Digest *digest, const void *bytes, size_t n)
{
	require(EVP_DigestUpdate(digest->context, bytes, n));
}

void digest_end(Digest *digest, unsigned char hash[DIGEST_BYTES])
{
	require(EVP_DigestFinal_ex(digest->context, hash, NULL));
	EVP_MD_CTX_free(digest->context);
	free(digest);
}
