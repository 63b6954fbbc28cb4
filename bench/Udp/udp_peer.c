// The limit of the suite of datagrams: senders and receivers of 64 bytes with nothing but the system's calls.
// usage: udp_peer send sendto|sendmmsg|gso PORT SECONDS   prints: datagrams seconds
//        udp_peer receive recvfrom|recvmmsg SECONDS       prints its port, then: datagrams seconds, from the first one on
//        udp_peer sink                                    prints its port, takes everything until its input ends
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif

enum { BYTES = 64, BATCH = 64 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int open_socket(int port, int binds) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if ((binds ? bind : connect)(fd, (struct sockaddr *)&at, sizeof at) < 0) {
        perror(binds ? "bind" : "connect");
        exit(1);
    }
    if (binds) {
        socklen_t length = sizeof at;
        getsockname(fd, (struct sockaddr *)&at, &length);
        printf("%d\n", ntohs(at.sin_port));
        fflush(stdout);
    }
    return fd;
}

static struct mmsghdr messages[BATCH];
static struct iovec pieces[BATCH];
static char memory[BATCH][2048];

static void prepare(size_t bytes) {
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec){memory[i], bytes};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
    }
}

static long send_some(int fd, const char *mode) {
    if (!strcmp(mode, "sendto"))
        return send(fd, memory[0], BYTES, 0) >= 0;
    if (!strcmp(mode, "sendmmsg")) {
        int count = sendmmsg(fd, messages, BATCH, 0);
        return count < 0 ? 0 : count;
    }
    char control[CMSG_SPACE(sizeof(unsigned short))] = {0};
    struct iovec piece = {memory, BATCH * BYTES};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = IPPROTO_UDP;
    head->cmsg_type = UDP_SEGMENT;
    head->cmsg_len = CMSG_LEN(sizeof(unsigned short));
    *(unsigned short *)CMSG_DATA(head) = BYTES;
    return sendmsg(fd, &message, 0) < 0 ? 0 : BATCH;
}

static long receive_some(int fd, const char *mode) {
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    if (!strcmp(mode, "recvfrom"))
        return recvfrom(fd, memory[0], sizeof memory[0], 0, (struct sockaddr *)&from, &length) >= 0;
    int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    return count < 0 ? 0 : count;
}

int main(int count, char **arguments) {
    if (count == 5 && !strcmp(arguments[1], "send")) {
        int fd = open_socket(atoi(arguments[3]), 0);
        prepare(BYTES);
        double start = now(), end = start + atof(arguments[4]);
        long sent = 0;
        while (now() < end)
            for (int i = 0; i < (arguments[2][4] == 't' ? 64 : 1); i++)
                sent += send_some(fd, arguments[2]);
        printf("%ld %f\n", sent, now() - start);
        return 0;
    }
    if (count == 4 && !strcmp(arguments[1], "receive")) {
        int fd = open_socket(0, 1);
        prepare(sizeof memory[0]);
        long received = receive_some(fd, arguments[2]);
        double start = now(), end = start + atof(arguments[3]);
        while (now() < end)
            for (int i = 0; i < (arguments[2][4] == 'f' ? 64 : 1); i++)
                received += receive_some(fd, arguments[2]);
        printf("%ld %f\n", received, now() - start);
        return 0;
    }
    if (count == 2 && !strcmp(arguments[1], "sink")) {
        int fd = open_socket(0, 1), on = 1;
        // Else the kernel cuts up for the receiver what it was spared to cut for the sender.
        setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
        struct pollfd both[2] = {{.fd = fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
        prepare(sizeof memory[0]);
        for (;;) {
            poll(both, 2, -1);
            if (both[1].revents)
                return 0;
            receive_some(fd, "recvmmsg");
        }
    }
    return 64;
}
