/* Many readers of event streams or WebSockets in one epoll loop.

   readers PORT COUNT KIND AT_ONCE READY SAY REQUEST...

   KIND is sse or ws. AT_ONCE connections open at a time. A connection is open when READY was in one of its events, or
   with its head where READY is empty. SAY is a file; each of its lines is sent as a text frame after the server's first
   one, and Engine.IO's ping "2" is answered by "3". Reader n sends the file REQUEST n modulo how many there are.

   It obeys lines on its standard input, and answers each by one line of JSON:

     open                       connect all that are not connected, and until all are, again those that were sent away
     return                     the same, and from now on those that are sent away come back, as pages do
     expect FIRST COUNT         count the messages with these numbers from now on
     finish QUIET_MS            wait until everybody has all of them, or nothing came for this long; tell what came
     drop                       close all
     request N FILE             the Nth request is another one from now on

   A message has "mark-<9 digits: its number>-<16 digits: when it was sent, in microseconds of CLOCK_MONOTONIC>-". An
   event may carry several messages, and the mark of a message several times in a row. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLOSED, HEAD, WAITING, OPEN };
enum { SIZE, DATA, AFTER };
enum { REQUESTS = 8, EVENTS = 1024, PIECE = 1 << 18, MARK = 32, AGAIN_MS = 2000, OPEN_WITHIN_S = 180 };
/* Real readers are on other machines, and wake up there. Without a nap, the server's core would wake this process for
   most of its writes. A delay is measured as up to this much longer, never as shorter. */
enum { NAP_US = 400 };

typedef struct { char *at; size_t length, room; } Bytes;

typedef struct {
    int fd, state, chunked, part, has_said;
    long left;        /* bytes of the chunk that are still to come */
    double due;       /* when to connect again */
    int retry;        /* milliseconds that the server asked for */
    Bytes raw, event; /* what has no end yet: of the connection, and of the event */
    uint8_t *seen;
} Reader;

static Reader *readers;
static int count, is_ws, at_once, poller, opening, returning, finishing, expecting, port;
static const char *ready;
static Bytes requests[REQUESTS], say;
static int request_count, in_flight, cursor;
static long first, messages, deliveries, twice, strange, ended, refused;
static uint32_t *delays;
static size_t delay_room;
static double open_began, quiet_s, last_delivery, cpu_began, expect_began, *opened_after;
static char piece[PIECE];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) { perror(what); exit(1); }

static void append(Bytes *bytes, const char *data, size_t length) {
    if (bytes->length + length > bytes->room) {
        bytes->room = (bytes->length + length) * 2;
        if (!(bytes->at = realloc(bytes->at, bytes->room))) fail("memory");
    }
    memcpy(bytes->at + bytes->length, data, length);
    bytes->length += length;
}

static void forget(Bytes *bytes) { free(bytes->at); *bytes = (Bytes){0}; }

static void remove_first(Bytes *bytes, size_t length) {
    bytes->length -= length;
    memmove(bytes->at, bytes->at + length, bytes->length);
    if (!bytes->length) forget(bytes);
}

static Bytes file(const char *path) {
    Bytes bytes = {0};
    FILE *from = fopen(path, "rb");
    if (!from) fail(path);
    for (size_t got; (got = fread(piece, 1, PIECE, from)) > 0;) append(&bytes, piece, got);
    fclose(from);
    return bytes;
}

static void leave(Reader *one) {
    if (one->state == CLOSED) return;
    if (one->state != OPEN) in_flight--;
    close(one->fd);
    forget(&one->raw);
    forget(&one->event);
    one->state = CLOSED;
}

static void is_open(Reader *one) {
    one->state = OPEN;
    in_flight--;
    opened_after[one - readers] = now() - open_began;
}

static void delivered(Reader *one, long number, long sent) {
    long place = number - first;
    if (!expecting || place < 0 || place >= messages) { strange++; return; }
    if (one->seen[place / 8] & (1 << place % 8)) { twice++; return; }
    one->seen[place / 8] |= 1 << place % 8;
    if ((size_t)deliveries == delay_room) {
        delay_room = delay_room ? delay_room * 2 : 1 << 16;
        if (!(delays = realloc(delays, delay_room * sizeof *delays))) fail("memory");
    }
    last_delivery = now();
    delays[deliveries++] = (uint32_t)(last_delivery * 1e6 - sent);
}

/* A whole event or frame, whatever it is about. */
static void event(Reader *one, const char *text, size_t length) {
    const char *end = text + length, *mark = text, *retry = memmem(text, length, "retry:", 6);
    long number, last = -1;
    if (retry) one->retry = atoi(retry + 6);
    if (one->state == WAITING && memmem(text, length, ready, strlen(ready))) is_open(one);
    for (; (mark = memmem(mark, end - mark, "mark-", 5)) && end - mark >= MARK; mark += MARK, last = number)
        if ((number = atol(mark + 5)) != last) delivered(one, number, atol(mark + 15));
}

static void read_events(Reader *one, const char *data, size_t length) {
    append(&one->event, data, length);
    Bytes *all = &one->event;
    size_t begun = 0;
    for (size_t at = 0; at + 1 < all->length; at++) {
        if (all->at[at] != '\n') continue;
        size_t next = at + 1 + (all->at[at + 1] == '\r' && at + 2 < all->length);
        if (all->at[next] != '\n') continue;
        event(one, all->at + begun, at - begun);
        begun = next + 1;
        at = next;
    }
    remove_first(all, begun);
}

/* Takes chunks apart. Returns how many bytes it has used; the rest waits for more. */
static size_t read_chunks(Reader *one, const char *data, size_t length) {
    size_t at = 0;
    while (at < length) {
        if (one->part == DATA) {
            size_t take = length - at < (size_t)one->left ? length - at : (size_t)one->left;
            read_events(one, data + at, take);
            at += take;
            if (!(one->left -= take)) one->part = AFTER;
            continue;
        }
        const char *line_end = memchr(data + at, '\n', length - at);
        if (!line_end) return at;
        if (one->part == SIZE) {
            one->left = strtol(data + at, NULL, 16);
            if (!one->left) return length; /* the last one */
        }
        one->part = one->part == SIZE ? DATA : SIZE;
        at = line_end + 1 - data;
    }
    return at;
}

static void send_frame(Reader *one, int opcode, const char *text, size_t length) {
    unsigned char frame[1024] = {0x80 | opcode};
    size_t head = 2;
    if (length > 1000) return;
    if (length < 126) {
        frame[1] = 0x80 | length;
    } else {
        frame[1] = 0x80 | 126, frame[2] = length >> 8, frame[3] = length & 255;
        head = 4;
    }
    memcpy(frame + head + 4, text, length); /* the mask is 0, which changes nothing */
    if (write(one->fd, frame, head + 4 + length) < 0) leave(one);
}

/* Once the server has said something: Rails forgets what it hears before its own welcome. */
static void say_all(Reader *one) {
    one->has_said = 1;
    for (char *line = say.at, *next; line && line < say.at + say.length && one->state != CLOSED; line = next + 1) {
        if (!(next = memchr(line, '\n', say.at + say.length - line))) next = say.at + say.length;
        send_frame(one, 1, line, next - line);
    }
}

static size_t read_frames(Reader *one, const char *data, size_t length) {
    const unsigned char *bytes = (const unsigned char *)data;
    size_t at = 0;
    while (length - at >= 2) {
        size_t head = 2, size = bytes[at + 1] & 127;
        int opcode = bytes[at] & 15, wide = size == 126 ? 2 : size == 127 ? 8 : 0;
        if (length - at < head + wide) break;
        if (wide) size = 0;
        for (int n = 0; n < wide; n++) size = size << 8 | bytes[at + 2 + n];
        head += wide;
        if (length - at < head + size) break;
        const char *text = data + at + head;
        if (opcode == 9) send_frame(one, 10, text, size);
        else if (opcode == 8) { leave(one); ended++; return length; }
        else if (size == 1 && *text == '2') send_frame(one, 1, "3", 1);
        else event(one, text, size);
        if (one->state != CLOSED && !one->has_said) say_all(one);
        if (one->state == CLOSED) return length;
        at += head + size;
    }
    return at;
}

static size_t read_head(Reader *one, const char *data, size_t length) {
    const char *end = memmem(data, length, "\r\n\r\n", 4);
    if (!end) return 0;
    if (length < 12 || (memcmp(data + 9, "200", 3) && memcmp(data + 9, "101", 3))) {
        refused++;
        leave(one);
        return length;
    }
    for (const char *at = data; at < end; at++)
        if (!strncasecmp(at, "\ntransfer-encoding: chunked", 27)) one->chunked = 1;
    one->state = WAITING;
    if (!*ready) is_open(one);
    return end + 4 - data;
}

static size_t read_body(Reader *one, const char *data, size_t length) {
    if (is_ws) return read_frames(one, data, length);
    if (one->chunked) return read_chunks(one, data, length);
    read_events(one, data, length);
    return length;
}

static void take(Reader *one, const char *data, size_t length) {
    if (one->raw.length) {
        append(&one->raw, data, length);
        data = one->raw.at, length = one->raw.length;
    }
    size_t used = 0;
    if (one->state == HEAD) used = read_head(one, data, length);
    if (one->state == WAITING || one->state == OPEN) used += read_body(one, data + used, length - used);
    if (one->state == CLOSED) return;
    if (one->raw.length) remove_first(&one->raw, used);
    else if (used < length) append(&one->raw, data + used, length - used);
}

static void connect_one(Reader *one) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    Bytes *request = &requests[(one - readers) % request_count];
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (fd < 0) fail("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    *one = (Reader){.fd = fd, .state = HEAD, .retry = AGAIN_MS, .seen = one->seen};
    in_flight++;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 ||
        write(fd, request->at, request->length) != (ssize_t)request->length) {
        leave(one);
        one->due = now() + AGAIN_MS / 1e3;
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = one - readers};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &wanted);
}

static void hear(Reader *one) {
    ssize_t got = read(one->fd, piece, PIECE);
    if (got > 0) { take(one, piece, got); return; }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    int was_open = one->state == OPEN, retry = one->retry;
    leave(one);
    one->due = now() + retry * (0.5 + drand48()) / 1e3;
    if (was_open) ended++;
    else refused++;
}

static int by_delay(const void *a, const void *b) {
    return (*(uint32_t *)a > *(uint32_t *)b) - (*(uint32_t *)a < *(uint32_t *)b);
}

static int by_time(const void *a, const void *b) {
    return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b);
}

static double delay_ms(double share) {
    return deliveries ? delays[(size_t)(share * (deliveries - 1))] / 1e3 : 0;
}

static int how_many_open(void) {
    int found = 0;
    for (int n = 0; n < count; n++) found += readers[n].state == OPEN;
    return found;
}

static void open_more(void) {
    double time = now();
    for (int looked = 0; looked < count && in_flight < at_once; looked++, cursor = (cursor + 1) % count)
        if (readers[cursor].state == CLOSED && readers[cursor].due <= time) connect_one(&readers[cursor]);
    if (!opening) return;
    int done = how_many_open();
    if (done < count && time - open_began < OPEN_WITHIN_S) return;
    opening = 0;
    qsort(opened_after, count, sizeof *opened_after, by_time);
    printf("{\"open\": %d, \"refused\": %ld, \"p50_s\": %.4f, \"p95_s\": %.4f, \"all_s\": %.4f}\n", done, refused,
           opened_after[count / 2], opened_after[count * 95 / 100], time - open_began);
    fflush(stdout);
}

static void report(void) {
    double time = now(), used = cpu() - cpu_began;
    long expected = messages * count;
    if (deliveries < expected && time - last_delivery < quiet_s) return;
    finishing = expecting = 0;
    qsort(delays, deliveries, sizeof *delays, by_delay);
    printf("{\"deliveries\": %ld, \"lost\": %ld, \"twice\": %ld, \"strange\": %ld, \"ended\": %ld, \"p50_ms\": %.3f, "
           "\"p95_ms\": %.3f, \"p99_ms\": %.3f, \"most_ms\": %.3f, \"seconds\": %.4f, \"client_cpu_s\": %.4f}\n",
           deliveries, expected - deliveries, twice, strange, ended, delay_ms(0.5), delay_ms(0.95), delay_ms(0.99),
           delay_ms(1), last_delivery - expect_began, used);
    fflush(stdout);
}

static void expect(long from, long how_many) {
    first = from, messages = how_many, expecting = 1;
    deliveries = twice = strange = ended = 0;
    for (int n = 0; n < count; n++) {
        free(readers[n].seen);
        if (!(readers[n].seen = calloc(messages / 8 + 1, 1))) fail("memory");
    }
    cpu_began = cpu(), expect_began = last_delivery = now();
}

static void begin_to_open(void) {
    opening = 1, refused = 0, open_began = now();
    for (int n = 0; n < count; n++) readers[n].due = opened_after[n] = 0;
}

static void obey(char *line) {
    long a = 0, b = 0;
    char path[512];
    returning = !strncmp(line, "return", 6) || (returning && strncmp(line, "drop", 4));
    if (!strncmp(line, "open", 4) || !strncmp(line, "return", 6)) { begin_to_open(); return; }
    if (sscanf(line, "finish %ld", &a) == 1) { finishing = 1, quiet_s = a / 1e3, last_delivery = now(); return; }
    if (sscanf(line, "expect %ld %ld", &a, &b) == 2) expect(a, b);
    if (sscanf(line, "request %ld %511s", &a, path) == 2) { forget(&requests[a]); requests[a] = file(path); }
    if (!strncmp(line, "drop", 4)) for (int n = 0; n < count; n++) leave(&readers[n]);
    printf("{}\n");
    fflush(stdout);
}

static int read_commands(void) {
    static char text[4096];
    static size_t length;
    ssize_t got = read(0, text + length, sizeof text - 1 - length);
    if (got <= 0) return 0;
    text[length += got] = 0;
    for (char *end; (end = strchr(text, '\n'));) {
        *end = 0;
        obey(text);
        length -= end + 1 - text;
        memmove(text, end + 1, length + 1);
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc < 8 || argc - 7 > REQUESTS) { fprintf(stderr, "usage: see the beginning of readers.c\n"); return 2; }
    port = atoi(argv[1]), count = atoi(argv[2]), is_ws = !strcmp(argv[3], "ws"), at_once = atoi(argv[4]);
    ready = argv[5];
    if (*argv[6]) say = file(argv[6]);
    for (int n = 7; n < argc; n++) requests[request_count++] = file(argv[n]);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    readers = calloc(count, sizeof *readers), opened_after = calloc(count, sizeof *opened_after);
    poller = epoll_create1(0);
    struct epoll_event commands = {.events = EPOLLIN, .data.u32 = UINT32_MAX}, events[EVENTS];
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &commands);
    for (;;) {
        int found = epoll_wait(poller, events, EVENTS, opening || returning ? 2 : finishing ? 20 : -1);
        for (int n = 0; n < found; n++) {
            if (events[n].data.u32 == UINT32_MAX) {
                if (!read_commands()) return 0;
            } else if (readers[events[n].data.u32].state != CLOSED) {
                hear(&readers[events[n].data.u32]);
            }
        }
        if (opening || returning) open_more();
        if (finishing) report();
        if (found && !opening && !returning) usleep(NAP_US);
    }
}
