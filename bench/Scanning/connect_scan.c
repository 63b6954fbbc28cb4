// A connect scan as fast as C does it: a pool of non-blocking sockets registered with epoll once, each connected again after a refusal ("reuse"), or each
// replaced by a new one after every answer ("new").
// usage: connect_scan ADDRESS FIRST LAST SOCKETS reuse|new [TIMEOUT_MS]   prints how many ports are open, and the seconds
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; } target;
static socklen_t target_length;
static int epoll, next_port, last_port, pending, open_ports, always_new;
static int sockets[65536], ports[65536], busy[65536];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void set_port(int port)
{
    target.v4.sin_port = htons(port); // at the same place in both
}

static void add(int slot)
{
    sockets[slot] = socket(target.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct epoll_event event = { EPOLLOUT | EPOLLET, { .u32 = slot } };
    epoll_ctl(epoll, EPOLL_CTL_ADD, sockets[slot], &event);
}

static void renew(int slot)
{
    struct linger reset = { 1, 0 };
    setsockopt(sockets[slot], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(sockets[slot]);
    add(slot);
}

static int met_itself(int slot)
{
    union { struct sockaddr any; struct sockaddr_in v4; } local;
    char room[64];
    socklen_t length = sizeof room;
    getsockname(sockets[slot], (struct sockaddr *)room, &length);
    memcpy(&local, room, sizeof local);
    return local.v4.sin_port == htons(ports[slot]);
}

// What became of a connect: 1 open, 0 closed, -1 under way, -2 it met itself.
static int outcome(int slot, int result)
{
    if (result < 0 && (errno == EINPROGRESS || errno == EALREADY))
        return -1;
    if (result == 0 || errno == EISCONN)
    {
        int self = met_itself(slot);
        renew(slot);
        return self ? -2 : 1;
    }
    if (always_new)
        renew(slot);
    return 0;
}

static void start(int slot, int again)
{
    while (again || next_port <= last_port)
    {
        if (!again)
            ports[slot] = next_port++;
        set_port(ports[slot]);
        int state = outcome(slot, connect(sockets[slot], &target.any, target_length));
        if (state == -1)
        {
            pending++;
            busy[slot] = 1;
            return;
        }
        again = state == -2;
        open_ports += state == 1;
    }
}

int main(int count, char **arguments)
{
    if (inet_pton(AF_INET, arguments[1], &target.v4.sin_addr) == 1)
        target.v4.sin_family = AF_INET, target_length = sizeof target.v4;
    else
        inet_pton(AF_INET6, arguments[1], &target.v6.sin6_addr), target.v6.sin6_family = AF_INET6, target_length = sizeof target.v6;
    next_port = atoi(arguments[2]);
    last_port = atoi(arguments[3]);
    int pool = atoi(arguments[4]);
    always_new = strcmp(arguments[5], "new") == 0;
    int patience = count > 6 ? atoi(arguments[6]) : 1000;
    double begin = now();
    epoll = epoll_create1(0);
    for (int slot = 0; slot < pool; slot++)
        add(slot), start(slot, 0);
    struct epoll_event events[512];
    while (pending > 0)
    {
        int ready = epoll_wait(epoll, events, 512, patience);
        if (ready == 0)
            break; // what is left does not answer
        for (int i = 0; i < ready; i++)
        {
            int slot = events[i].data.u32;
            if (!busy[slot])
                continue; // a new socket says that it is not connected
            set_port(ports[slot]);
            int state = outcome(slot, connect(sockets[slot], &target.any, target_length));
            if (state == -1)
                continue;
            pending--;
            busy[slot] = 0;
            open_ports += state == 1;
            start(slot, state == -2);
        }
    }
    printf("%d %.4f\n", open_ports, now() - begin);
    return 0;
}
