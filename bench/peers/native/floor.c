/*
 * The floor of the table of peers: opens each packet that comes, seals it for each viewer under that viewer's own key, and
 * hands the kernel all copies at once. No ICE, no retransmission, no estimate. Orders on stdin, up to `go`:
 *   from KEY          the publisher's
 *   to PORT KEY       a viewer's, on loopback
 * It prints `port N` first.
 */
#define _GNU_SOURCE
#include "srtp.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

enum { MAX_VIEWERS = 256, BATCH = 12, PACKET_BYTES = 1600 };

static half_t from;
static half_t to[MAX_VIEWERS];
static struct sockaddr_in places[MAX_VIEWERS];
static uint8_t in[BATCH][PACKET_BYTES], out[BATCH * MAX_VIEWERS][PACKET_BYTES];
static struct iovec parts[BATCH * MAX_VIEWERS];
static struct mmsghdr messages[BATCH * MAX_VIEWERS];
static int viewers;

static int open_socket(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0) die("no socket");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  getsockname(fd, (struct sockaddr *)&at, &size);
  printf("port %d\n", ntohs(at.sin_port));
  fflush(stdout);
  return fd;
}

static void read_orders(void) {
  char line[512], key[128];
  uint8_t master[MASTER_BYTES];
  int port;
  while (fgets(line, sizeof line, stdin) != NULL && strncmp(line, "go", 2) != 0) {
    if (sscanf(line, "from %100s", key) == 1) read_master(key, master), from = rtp_half(master, 0);
    else if (sscanf(line, "to %d %100s", &port, key) == 2 && viewers < MAX_VIEWERS) {
      read_master(key, master);
      places[viewers] = (struct sockaddr_in){
          .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
      to[viewers++] = rtp_half(master, 1);
    } else die("an order that is none");
  }
}

static int forward(int count, const int *sizes) {
  int made = 0;
  for (int i = 0; i < count; i++) {
    int plain = open_rtp(&from, in[i], sizes[i], 0);
    if (plain < 0) continue;
    for (int v = 0; v < viewers; v++, made++) {
      memcpy(out[made], in[i], plain);
      parts[made] = (struct iovec){out[made], seal_rtp(&to[v], out[made], plain, 0)};
      messages[made].msg_hdr =
          (struct msghdr){.msg_name = &places[v], .msg_namelen = sizeof places[v], .msg_iov = &parts[made], .msg_iovlen = 1};
    }
  }
  return made;
}

int main(void) {
  struct mmsghdr heads[BATCH];
  struct iovec spaces[BATCH];
  int sizes[BATCH], fd = open_socket();
  read_orders();
  for (;;) {
    struct pollfd ready = {fd, POLLIN, 0};
    poll(&ready, 1, -1);
    for (int i = 0; i < BATCH; i++) {
      spaces[i] = (struct iovec){in[i], PACKET_BYTES};
      heads[i].msg_hdr = (struct msghdr){.msg_iov = &spaces[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(fd, heads, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) sizes[i] = heads[i].msg_len;
    int made = forward(count, sizes);
    for (int done = 0; done < made;) {
      int sent = sendmmsg(fd, messages + done, made - done, 0);
      if (sent <= 0) break;
      done += sent;
    }
  }
}
