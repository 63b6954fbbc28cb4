// The load of the sockets suite: one client for all servers, which echo frames behind four bytes of length, the most significant first.
// usage: load MODE PORT SECONDS      prints: operations seconds p50-microseconds bytes
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

// From another loopback address each time, so that ports in TIME_WAIT are never the limit.
static int dial(int port, unsigned from) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (fd < 0) die("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    struct sockaddr_in a = {.sin_family = AF_INET};
    a.sin_addr.s_addr = htonl(0x7f000002 + from % 200);
    if (bind(fd, (struct sockaddr *)&a, sizeof a)) die("bind");
    a.sin_port = htons(port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&a, sizeof a)) die("connect");
    return fd;
}

static void frame(unsigned char *to, unsigned length) {
    to[0] = length >> 24, to[1] = length >> 16, to[2] = length >> 8, to[3] = length;
    memset(to + 4, 'x', length);
}

static void put(int fd, const unsigned char *from, size_t count) {
    while (count) {
        ssize_t n = send(fd, from, count, MSG_NOSIGNAL);
        if (n <= 0) die("send");
        from += n, count -= n;
    }
}

static void get(int fd, unsigned char *to, size_t count) {
    while (count) {
        ssize_t n = recv(fd, to, count, 0);
        if (n <= 0) die("recv");
        to += n, count -= n;
    }
}

static int compare(const void *a, const void *b) {
    float d = *(const float *)a - *(const float *)b;
    return d < 0 ? -1 : d > 0;
}

static void round_trips(int port, double seconds) {
    static float took[4000000];
    unsigned char out[68], in[68];
    frame(out, 64);
    int fd = dial(port, 0);
    long count = 0;
    double start = now(), last = start;
    while (last < start + seconds && count < 4000000) {
        put(fd, out, 68);
        get(fd, in, 68);
        double t = now();
        took[count++] = (t - last) * 1e6;
        last = t;
    }
    qsort(took, count, sizeof *took, compare);
    printf("%ld %f %f %ld\n", count, last - start, took[count / 2], count * 64);
}

static void many(int port, double seconds) {
    unsigned char out[68];
    frame(out, 64);
    int poll = epoll_create1(0), left[64], fds[64];
    for (int i = 0; i < 64; i++) {
        fds[i] = dial(port, i);
        left[i] = 68;
        struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
        epoll_ctl(poll, EPOLL_CTL_ADD, fds[i], &e);
    }
    for (int i = 0; i < 64; i++) put(fds[i], out, 68);
    long count = 0;
    double start = now(), end;
    while ((end = now()) < start + seconds) {
        struct epoll_event events[64];
        int n = epoll_wait(poll, events, 64, 1000);
        for (int i = 0; i < n; i++) {
            unsigned char in[68];
            int c = events[i].data.u32;
            ssize_t got = recv(fds[c], in, left[c], MSG_DONTWAIT);
            if (got <= 0) continue;
            if ((left[c] -= got) > 0) continue;
            left[c] = 68;
            count++;
            put(fds[c], out, 68);
        }
    }
    printf("%ld %f 0 %ld\n", count, end - start, count * 64);
}

static void churn(int port, double seconds) {
    unsigned char out[68], in[68];
    frame(out, 64);
    long count = 0;
    double start = now(), end;
    while ((end = now()) < start + seconds) {
        int fd = dial(port, count++);
        put(fd, out, 68);
        get(fd, in, 68);
        close(fd);
    }
    printf("%ld %f 0 %ld\n", count, end - start, count * 64);
}

struct pump {
    int fd;
    size_t size;
    unsigned char *bytes;
    double until;
};

static void *pump(void *state) {
    struct pump *p = state;
    while (now() < p->until) put(p->fd, p->bytes, p->size);
    shutdown(p->fd, SHUT_WR);
    return NULL;
}

// One connection, as much under way as the sockets hold.
static void stream(int port, double seconds, unsigned length, unsigned frames) {
    size_t size = (size_t)(length + 4) * frames;
    struct pump p = {dial(port, 0), size, malloc(size), now() + seconds};
    for (unsigned i = 0; i < frames; i++) frame(p.bytes + (size_t)i * (length + 4), length);
    static unsigned char in[1 << 18];
    double start = now();
    long bytes = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, pump, &p);
    for (ssize_t n; (n = recv(p.fd, in, sizeof in, 0)) > 0;) bytes += n;
    double end = now();
    pthread_join(thread, NULL);
    long count = bytes / (length + 4);
    printf("%ld %f 0 %ld\n", count, end - start, count * length);
}

static void idle(int port, int count) {
    for (int i = 0; i < count; i++) {
        unsigned char out[68], in[68];
        int fd = dial(port, i);
        frame(out, 64);
        put(fd, out, 68);
        get(fd, in, 68);
    }
    printf("%d 0 0 0\n", count);
    fflush(stdout);
    getchar();
}

int main(int count, char **arguments) {
    if (count < 4) return 64;
    const char *mode = arguments[1];
    int port = atoi(arguments[2]);
    double seconds = atof(arguments[3]);
    if (!strcmp(mode, "rtt")) round_trips(port, seconds);
    else if (!strcmp(mode, "many")) many(port, seconds);
    else if (!strcmp(mode, "churn")) churn(port, seconds);
    else if (!strcmp(mode, "pipe")) stream(port, seconds, 64, 512);
    else if (!strcmp(mode, "stream")) stream(port, seconds, 65536, 1);
    else if (!strcmp(mode, "idle")) idle(port, (int)seconds);
    else return 64;
    return 0;
}
