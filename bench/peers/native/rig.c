/*
 * Publisher and viewers of the table of peers, on sockets whose ICE and DTLS are done already. It polls instead of
 * waiting in epoll: a sink that sleeps makes the sender pay for waking it. Orders come as lines on stdin, up to `go`:
 *   payloads FILE                                  what publishers from here on send in turn: u16 length, u8 marker, bytes
 *   publish FD SSRC TYPE TWCC RATE KEY             TWCC: id of the extension, 0 for none; KEY: hex, or - for clear
 *   view FD TWCC FEEDBACK FULL SEND_KEY READ_KEY   FULL: opens what comes and reads its time; KEYs: hex or -
 *   phase WARM_MS RUN_MS BURST                     BURST 1 is evenly spaced
 * For each phase it prints `begin`, and a line of JSON at its end.
 */
#define _GNU_SOURCE
#include "srtp.h"
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

enum { MAX_PEERS = 512, MAX_PHASES = 8, MAX_PAYLOADS = 4096, MAX_STREAMS = 64, MAX_DELAYS = 1 << 18 };
enum { BATCH = 32, HEAD_BYTES = 64, PACKET_BYTES = 1600, STAMP_AT = 64 };
enum { PROBE_SSRC = 1234, PACKETS_PER_FRAME = 12, FRAME_TICKS = 3000, MAX_REPORT = 600 };
/* Often enough that no socket's buffer fills, rarely enough that looking costs little. */
#define DRAIN_NS 3000000L
#define FEEDBACK_NS 100000000L
#define SEC 1000000000L

typedef struct { uint8_t *bytes; int size, marker; } payload_t;
typedef struct {
  int fd, type, twcc, sealed, first, count;
  uint32_t ssrc, sent;
  long gap_ns;
  half_t rtp;
} pub_t;
typedef struct { uint32_t ssrc, roc, last; } stream_t;
typedef struct {
  int fd, twcc, feedback, full, streams, started;
  uint32_t index, base, newest, media_ssrc, reports;
  half_t rtp, rtcp;
  stream_t stream[MAX_STREAMS];
  uint32_t *arrived;
} view_t;
typedef struct { long warm_ns, run_ns; int burst; } phase_t;

static payload_t payloads[MAX_PAYLOADS];
static pub_t pubs[MAX_PEERS];
static view_t views[MAX_PEERS];
static phase_t phases[MAX_PHASES];
static int payload_first, payload_count, pub_count, view_count, phase_count;
static long sent, received, probes, refused, late_ns, send_errors;
static uint32_t delays[MAX_DELAYS];
static int delay_count;

static long clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * SEC + t.tv_nsec;
}
static long now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

static void load_payloads(const char *path) {
  FILE *file = fopen(path, "rb");
  uint8_t head[3];
  if (file == NULL) die("no payloads");
  payload_first = payload_count;
  while (payload_count < MAX_PAYLOADS && fread(head, 3, 1, file) == 1) {
    payload_t *one = &payloads[payload_count++];
    *one = (payload_t){malloc(PACKET_BYTES), get16(head), head[2]};
    if (one->size > PACKET_BYTES - 64 || fread(one->bytes, one->size, 1, file) != 1) die("a broken payload");
  }
  fclose(file);
}

static void add_pub(const char *line) {
  char key[128];
  long rate;
  uint8_t master[MASTER_BYTES];
  if (pub_count == MAX_PEERS) die("too many publishers");
  pub_t *p = &pubs[pub_count++];
  if (sscanf(line, "publish %d %u %d %d %ld %100s", &p->fd, &p->ssrc, &p->type, &p->twcc, &rate, key) != 6)
    die("publish FD SSRC TYPE TWCC RATE KEY");
  p->gap_ns = SEC / rate;
  p->first = payload_first, p->count = payload_count - payload_first;
  if (p->count == 0) die("nothing to send");
  p->sealed = key[0] != '-';
  if (!p->sealed) return;
  read_master(key, master);
  p->rtp = rtp_half(master, 1);
}

static void add_view(const char *line) {
  char send_key[128], read_key[128];
  uint8_t master[MASTER_BYTES];
  int room = 4 << 20, on = 1;
  if (view_count == MAX_PEERS) die("too many viewers");
  view_t *v = &views[view_count++];
  if (sscanf(line, "view %d %d %d %d %100s %100s", &v->fd, &v->twcc, &v->feedback, &v->full, send_key, read_key) != 6)
    die("view FD TWCC FEEDBACK FULL SEND_KEY READ_KEY");
  if (v->feedback) {
    read_master(send_key, master);
    v->rtcp = open_half(master, LABEL_RTCP_KEY, LABEL_RTCP_SALT, 1);
    v->arrived = calloc(1 << 16, sizeof *v->arrived);
  }
  if (v->full) {
    read_master(read_key, master);
    v->rtp = rtp_half(master, 0);
    setsockopt(v->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  }
  if (setsockopt(v->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    setsockopt(v->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
}

static void add_phase(const char *line) {
  long warm_ms, run_ms;
  if (phase_count == MAX_PHASES) die("too many phases");
  phase_t *one = &phases[phase_count++];
  if (sscanf(line, "phase %ld %ld %d", &warm_ms, &run_ms, &one->burst) != 3) die("phase WARM_MS RUN_MS BURST");
  one->warm_ns = warm_ms * 1000000, one->run_ns = run_ms * 1000000;
}

static void read_orders(void) {
  char line[2048], path[1024];
  while (fgets(line, sizeof line, stdin) != NULL && strncmp(line, "go", 2) != 0) {
    if (sscanf(line, "payloads %1000s", path) == 1) load_payloads(path);
    else if (strncmp(line, "publish", 7) == 0) add_pub(line);
    else if (strncmp(line, "view", 4) == 0) add_view(line);
    else if (strncmp(line, "phase", 5) == 0) add_phase(line);
    else die("an order that is none");
  }
}

static void publish(pub_t *p) {
  uint8_t packet[PACKET_BYTES];
  const payload_t *one = &payloads[p->first + p->sent % p->count];
  int head = 12;
  packet[0] = p->twcc ? 0x90 : 0x80;
  packet[1] = p->type | (one->marker ? 0x80 : 0);
  put16(packet + 2, p->sent);
  put32(packet + 4, p->sent / PACKETS_PER_FRAME * FRAME_TICKS);
  put32(packet + 8, p->ssrc);
  if (p->twcc) {
    put32(packet + 12, 0xbede0001);
    packet[16] = p->twcc << 4 | 1;
    put16(packet + 17, p->sent);
    packet[19] = 0;
    head = 20;
  }
  memcpy(packet + head, one->bytes, one->size);
  long stamp = clock_ns(CLOCK_REALTIME);
  memcpy(packet + head + STAMP_AT, &stamp, sizeof stamp);
  int size = head + one->size;
  if (p->sealed) size = seal_rtp(&p->rtp, packet, size, p->sent >> 16);
  p->sent++;
  if (send(p->fd, packet, size, MSG_DONTWAIT) == size) sent++;
  else send_errors++;
}

static stream_t *stream_of(view_t *v, uint32_t ssrc, uint32_t sequence) {
  for (int i = 0; i < v->streams; i++)
    if (v->stream[i].ssrc == ssrc) return &v->stream[i];
  if (v->streams == MAX_STREAMS) return NULL;
  v->stream[v->streams] = (stream_t){ssrc, 0, sequence};
  return &v->stream[v->streams++];
}

/* The kernel's own time of arrival: when this process looks does not matter. */
static long arrival_ns(struct msghdr *message) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec t;
      memcpy(&t, CMSG_DATA(c), sizeof t);
      return t.tv_sec * SEC + t.tv_nsec;
    }
  return 0;
}

static void read_whole(view_t *v, uint8_t *packet, int size, struct msghdr *message) {
  uint32_t sequence = get16(packet + 2);
  stream_t *s = stream_of(v, get32(packet + 8), sequence);
  if (s == NULL) return;
  if (sequence < s->last && s->last - sequence > 0x8000) s->roc++;
  s->last = sequence;
  int plain = open_rtp(&v->rtp, packet, size, s->roc), at = rtp_header_bytes(packet) + STAMP_AT;
  long stamp;
  if (plain < 0) { refused++; return; }
  if (plain < at + (int)sizeof stamp) return;
  memcpy(&stamp, packet + at, sizeof stamp);
  long delay = arrival_ns(message) - stamp;
  if (delay_count < MAX_DELAYS && delay > 0 && delay < 10 * SEC) delays[delay_count++] = delay / 1000;
}

/* One-byte extensions (RFC 8285 section 4.2). */
static void note_arrival(view_t *v, const uint8_t *packet, int size, uint32_t ticks) {
  if (!(packet[0] & 0x10)) return;
  int at = 12 + 4 * (packet[0] & 0x0f), end = rtp_header_bytes(packet);
  for (at += 4; at + 2 < end && end <= size;) {
    int id = packet[at] >> 4, length = (packet[at] & 15) + 1;
    if (id == 0) { at++; continue; }
    if (id == v->twcc) {
      uint32_t sequence = get16(packet + at + 1);
      if (!v->started) v->started = 1, v->base = sequence, v->newest = sequence - 1;
      if ((uint16_t)(sequence - v->newest) < 0x8000) v->newest = sequence;
      v->arrived[sequence] = ticks | 1u << 31;
      return;
    }
    at += 1 + length;
  }
}

static void drain(view_t *v) {
  static uint8_t data[BATCH][PACKET_BYTES], control[BATCH][64];
  static struct iovec parts[BATCH];
  static struct mmsghdr messages[BATCH];
  int count;
  do {
    for (int i = 0; i < BATCH; i++) {
      parts[i] = (struct iovec){data[i], v->full ? PACKET_BYTES : HEAD_BYTES};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
      if (v->full) messages[i].msg_hdr.msg_control = control[i], messages[i].msg_hdr.msg_controllen = sizeof control[i];
    }
    count = recvmmsg(v->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    uint32_t ticks = (uint32_t)(now_ns() / 250000) & 0x7fffffff;
    for (int i = 0; i < count; i++) {
      int size = messages[i].msg_len;
      /* RFC 5761 section 4 and RFC 7983: neither STUN nor RTCP. */
      if (size < 12 || data[i][0] < 128 || data[i][0] > 191 || (data[i][1] >= 192 && data[i][1] <= 223)) continue;
      if (v->feedback) note_arrival(v, data[i], size, ticks);
      if (get32(data[i] + 8) == PROBE_SSRC) { probes++; continue; }
      v->media_ssrc = get32(data[i] + 8);
      received++;
      if (v->full) read_whole(v, data[i], size, &messages[i].msg_hdr);
    }
  } while (count == BATCH);
}

/* draft-holmer-rmcat-transport-wide-cc-extensions-01: status vectors of two bits. */
static int write_report(view_t *v, uint8_t *out, int count) {
  uint32_t base = v->base & 0xffff, reference = 0;
  for (int i = 0; i < count && reference == 0; i++) reference = (v->arrived[(base + i) & 0xffff] & 0x7fffffff) >> 8;
  int chunks = (count + 6) / 7, at = 20 + 2 * chunks;
  memset(out, 0, at);
  out[0] = 0x8f, out[1] = 205;
  put32(out + 4, 1), put32(out + 8, v->media_ssrc);
  put16(out + 12, base), put16(out + 14, count);
  put32(out + 16, reference << 8 | (v->reports++ & 0xff));
  int64_t reached = (int64_t)reference << 8;
  for (int i = 0; i < count; i++) {
    uint32_t *slot = &v->arrived[(base + i) & 0xffff];
    if (*slot == 0) continue;
    int64_t delta = (int64_t)(*slot & 0x7fffffff) - reached;
    int large = delta < 0 || delta > 255, chunk = 20 + 2 * (i / 7);
    if (delta > 32767) delta = 32767;
    put16(out + chunk, get16(out + chunk) | (uint32_t)(large ? 2 : 1) << (12 - 2 * (i % 7)));
    if (large) put16(out + at, (uint32_t)delta & 0xffff), at += 2;
    else out[at++] = delta;
    reached += delta;
    *slot = 0;
  }
  for (int i = 0; i < chunks; i++) out[20 + 2 * i] |= 0xc0;
  int size = (at + 3) / 4 * 4;
  memset(out + at, 0, size - at);
  if (size > at) out[0] |= 0x20, out[size - 1] = size - at;
  put16(out + 2, size / 4 - 1);
  return size;
}

static void report(view_t *v) {
  uint8_t packet[20 + MAX_REPORT * 3 + 64];
  int count = (uint16_t)(v->newest - v->base + 1);
  if (!v->started || count == 0 || count >= 0x8000) return;
  if (count > MAX_REPORT) count = MAX_REPORT;
  int size = write_report(v, packet, count);
  v->base += count;
  size = seal_rtcp(&v->rtcp, packet, size, ++v->index);
  if (send(v->fd, packet, size, MSG_DONTWAIT) != size) send_errors++;
}

static int by_size(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}
static uint32_t delay_at(double share) { return delays[(int)(share * (delay_count - 1))]; }

static void clear_counts(void) {
  sent = received = probes = refused = late_ns = send_errors = 0;
  delay_count = 0;
}

static void tell(void) {
  qsort(delays, delay_count, sizeof delays[0], by_size);
  printf("{\"sent\":%ld,\"received\":%ld,\"probes\":%ld,\"refused\":%ld,\"sendErrors\":%ld,\"lateUs\":%ld,\"delays\":%d",
         sent, received, probes, refused, send_errors, late_ns / 1000, delay_count);
  if (delay_count > 0)
    printf(",\"delayP50Us\":%u,\"delayP99Us\":%u,\"delayMaxUs\":%u", delay_at(0.5), delay_at(0.99), delay_at(1));
  puts("}");
  fflush(stdout);
}

static long due_ns(const pub_t *p, int place, uint32_t count, int burst) {
  return p->gap_ns * place / pub_count + (long)(count / burst) * burst * p->gap_ns;
}

static void sleep_until(long at) {
  struct timespec t = {at / SEC, at % SEC};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void run(const phase_t *phase) {
  long start = now_ns(), drain_at = start, feedback_at = start + FEEDBACK_NS;
  uint32_t first[MAX_PEERS];
  int began = 0;
  for (int i = 0; i < pub_count; i++) first[i] = pubs[i].sent;
  for (;;) {
    long now = now_ns(), next = drain_at;
    if (!began && now - start >= phase->warm_ns) {
      for (int i = 0; i < view_count; i++) drain(&views[i]);
      clear_counts();
      puts("begin"), fflush(stdout);
      began = 1;
    }
    if (now - start >= phase->warm_ns + phase->run_ns) break;
    for (int i = 0; i < pub_count; i++) {
      long due;
      while ((due = start + due_ns(&pubs[i], i, pubs[i].sent - first[i], phase->burst)) <= now) {
        if (now - due > late_ns) late_ns = now - due;
        publish(&pubs[i]);
      }
      if (due < next) next = due;
    }
    if (now >= drain_at) {
      for (int i = 0; i < view_count; i++) drain(&views[i]);
      drain_at = now + DRAIN_NS;
    }
    if (now >= feedback_at) {
      for (int i = 0; i < view_count; i++)
        if (views[i].feedback) report(&views[i]);
      feedback_at += FEEDBACK_NS;
    }
    sleep_until(next);
  }
  long ended = now_ns();
  puts("end"), fflush(stdout);
  /* What is on its way still counts. */
  sleep_until(ended + 50000000L);
  for (int i = 0; i < view_count; i++) drain(&views[i]);
  tell();
}

int main(void) {
  prctl(PR_SET_TIMERSLACK, 1000);
  read_orders();
  for (int i = 0; i < phase_count; i++) run(&phases[i]);
  return 0;
}
