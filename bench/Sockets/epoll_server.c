// The limit: an echo of frames behind four bytes of length, in C, over epoll, without limits, errors or TLS. Prints its port.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM (1 << 18)

struct peer {
    int fd;
    size_t have;
    unsigned char *bytes;
};

static unsigned char shared[ROOM], answer[ROOM];

static int serve(struct peer *p) {
    unsigned char *bytes = p->bytes ? p->bytes : shared;
    ssize_t n = recv(p->fd, bytes + p->have, ROOM - p->have, 0);
    if (n <= 0) return 0;
    size_t have = p->have + n, start = 0, out = 0;
    while (have - start >= 4) {
        size_t length = (size_t)bytes[start] << 24 | bytes[start + 1] << 16 | bytes[start + 2] << 8 | bytes[start + 3];
        if (length > ROOM - 4) return 0;
        if (have - start < 4 + length) break;
        memcpy(answer + out, bytes + start, 4 + length);
        out += 4 + length, start += 4 + length;
    }
    for (size_t sent = 0; sent < out;) {
        ssize_t s = send(p->fd, answer + sent, out - sent, MSG_NOSIGNAL);
        if (s <= 0) return 0;
        sent += s;
    }
    p->have = have - start;
    if (p->have) {
        if (!p->bytes) p->bytes = malloc(ROOM);
        memmove(p->bytes, bytes + start, p->have);
    } else if (p->bytes) {
        free(p->bytes);
        p->bytes = NULL;
    }
    return 1;
}

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    if (bind(listener, (struct sockaddr *)&a, size) || listen(listener, 4096)) return 1;
    getsockname(listener, (struct sockaddr *)&a, &size);
    printf("%d\n", ntohs(a.sin_port));
    fflush(stdout);
    struct peer self = {.fd = listener};
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &self};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        struct epoll_event events[128];
        int n = epoll_wait(poll, events, 128, -1);
        for (int i = 0; i < n; i++) {
            struct peer *p = events[i].data.ptr;
            if (p == &self) {
                int fd = accept(listener, NULL, NULL);
                if (fd < 0) continue;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                struct peer *fresh = calloc(1, sizeof *fresh);
                fresh->fd = fd;
                e.data.ptr = fresh;
                epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e);
            } else if (!serve(p)) {
                close(p->fd);
                free(p->bytes);
                free(p);
            }
        }
    }
}
