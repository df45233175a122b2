/* SRTP and SRTCP with AES-128-GCM (RFC 7714) for the generator and the floor: OpenSSL's EVP and nothing else. */
#ifndef BELFRY_BENCH_SRTP_H
#define BELFRY_BENCH_SRTP_H
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 16, SALT_BYTES = 12, TAG_BYTES = 16, IV_BYTES = 12, MASTER_BYTES = KEY_BYTES + SALT_BYTES };
/* Labels of RFC 3711 section 4.3.1. */
enum { LABEL_RTP_KEY = 0, LABEL_RTP_SALT = 2, LABEL_RTCP_KEY = 3, LABEL_RTCP_SALT = 5 };

typedef struct {
  EVP_CIPHER_CTX *cipher;
  uint8_t salt[SALT_BYTES];
} half_t;

static void die(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void put16(uint8_t *at, uint32_t v) { at[0] = v >> 8, at[1] = v; }
static void put32(uint8_t *at, uint32_t v) { put16(at, v >> 16), put16(at + 2, v); }
static uint32_t get16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }
static inline uint32_t get32(const uint8_t *at) { return get16(at) << 16 | get16(at + 2); }

/* RFC 3711 section 4.3.3: AES in counter mode; RFC 7714 section 11 pads the salt with zeros at its right. */
static void derive(const uint8_t *master, int label, uint8_t *out, int size) {
  uint8_t iv[16] = {0}, zeros[16] = {0}, block[16];
  int length;
  memcpy(iv, master + KEY_BYTES, SALT_BYTES);
  iv[7] ^= label;
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  if (EVP_EncryptInit_ex(cipher, EVP_aes_128_ctr(), NULL, master, iv) != 1) die("AES is missing");
  EVP_EncryptUpdate(cipher, block, &length, zeros, 16);
  memcpy(out, block, size);
  EVP_CIPHER_CTX_free(cipher);
}

static half_t open_half(const uint8_t *master, int key_label, int salt_label, int seals) {
  half_t half = {EVP_CIPHER_CTX_new(), {0}};
  uint8_t key[KEY_BYTES];
  derive(master, key_label, key, KEY_BYTES);
  derive(master, salt_label, half.salt, SALT_BYTES);
  if (EVP_CipherInit_ex(half.cipher, EVP_aes_128_gcm(), NULL, key, NULL, seals) != 1) die("AES-GCM is missing");
  return half;
}

static half_t rtp_half(const uint8_t *master, int seals) {
  return open_half(master, LABEL_RTP_KEY, LABEL_RTP_SALT, seals);
}

static int rtp_header_bytes(const uint8_t *packet) {
  int bytes = 12 + 4 * (packet[0] & 0x0f);
  return packet[0] & 0x10 ? bytes + 4 + 4 * (int)get16(packet + bytes + 2) : bytes;
}

/* RFC 7714 section 8.1. */
static void rtp_iv(uint8_t *iv, const half_t *half, const uint8_t *packet, uint32_t roc) {
  memset(iv, 0, 2);
  memcpy(iv + 2, packet + 8, 4);
  put32(iv + 6, roc);
  memcpy(iv + 10, packet + 2, 2);
  for (int i = 0; i < IV_BYTES; i++) iv[i] ^= half->salt[i];
}

static void gcm(half_t *half, const uint8_t *iv, const uint8_t *aad, int aad_bytes) {
  int length;
  EVP_CipherInit_ex(half->cipher, NULL, NULL, NULL, iv, -1);
  EVP_CipherUpdate(half->cipher, NULL, &length, aad, aad_bytes);
}

/* In place; `packet` has room for the tag. The length of the whole. */
static int seal_rtp(half_t *half, uint8_t *packet, int size, uint32_t roc) {
  uint8_t iv[IV_BYTES];
  int length, head = rtp_header_bytes(packet);
  rtp_iv(iv, half, packet, roc);
  gcm(half, iv, packet, head);
  EVP_CipherUpdate(half->cipher, packet + head, &length, packet + head, size - head);
  EVP_CipherFinal_ex(half->cipher, packet + size, &length);
  EVP_CIPHER_CTX_ctrl(half->cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, packet + size);
  return size + TAG_BYTES;
}

/* In place. The length without the tag, or -1 where it is not authentic. */
static int open_rtp(half_t *half, uint8_t *packet, int size, uint32_t roc) {
  uint8_t iv[IV_BYTES];
  if (size < 12 + TAG_BYTES) return -1;
  int length, head = rtp_header_bytes(packet), plain = size - TAG_BYTES;
  if (head > plain) return -1;
  rtp_iv(iv, half, packet, roc);
  gcm(half, iv, packet, head);
  EVP_CipherUpdate(half->cipher, packet + head, &length, packet + head, plain - head);
  EVP_CIPHER_CTX_ctrl(half->cipher, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, packet + plain);
  return EVP_CipherFinal_ex(half->cipher, packet + plain, &length) == 1 ? plain : -1;
}

/* RFC 7714 section 9: eight bytes stay clear, the word with the index comes last. */
static inline int seal_rtcp(half_t *half, uint8_t *packet, int size, uint32_t index) {
  uint8_t iv[IV_BYTES] = {0}, aad[12];
  int length;
  memcpy(iv + 2, packet + 4, 4);
  put32(iv + 8, index);
  for (int i = 0; i < IV_BYTES; i++) iv[i] ^= half->salt[i];
  memcpy(aad, packet, 8);
  put32(aad + 8, index | 0x80000000u);
  gcm(half, iv, aad, 12);
  EVP_CipherUpdate(half->cipher, packet + 8, &length, packet + 8, size - 8);
  EVP_CipherFinal_ex(half->cipher, packet + size, &length);
  EVP_CIPHER_CTX_ctrl(half->cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, packet + size);
  memcpy(packet + size + TAG_BYTES, aad + 8, 4);
  return size + TAG_BYTES + 4;
}

static void read_master(const char *hex, uint8_t *master) {
  if (strlen(hex) != 2 * MASTER_BYTES) die("a key of the wrong length");
  for (int i = 0; i < MASTER_BYTES; i++)
    if (sscanf(hex + 2 * i, "%2hhx", master + i) != 1) die("a key that is no hex");
}
#endif
