// A connect scan as fast as C allows: a pool of non-blocking sockets, each registered with epoll once and connected again after a refusal.
// usage: connect_reuse ADDRESS FIRST LAST SOCKETS   prints the open ports' number and the seconds
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
static int epoll, next_port, last_port, pending, open_ports;
static int sockets[65536], ports[65536];

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

static int met_itself(int slot)
{
    union { struct sockaddr_in v4; struct sockaddr_in6 v6; } local;
    socklen_t length = sizeof local;
    getsockname(sockets[slot], (struct sockaddr *)&local, &length);
    return local.v4.sin_port == htons(ports[slot]);
}

static void renew(int slot)
{
    struct linger reset = { 1, 0 };
    setsockopt(sockets[slot], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(sockets[slot]);
    add(slot);
}

static void start(int slot)
{
    while (next_port <= last_port)
    {
        ports[slot] = next_port++;
    again:
        set_port(ports[slot]);
        if (connect(sockets[slot], &target.any, target_length) == 0)
        {
            int self = met_itself(slot);
            renew(slot);
            if (self)
                goto again;
            open_ports++;
        }
        else if (errno == EINPROGRESS)
        {
            pending++;
            return;
        }
    }
}

int main(int count, char **arguments)
{
    (void)count;
    if (inet_pton(AF_INET, arguments[1], &target.v4.sin_addr) == 1)
        target.v4.sin_family = AF_INET, target_length = sizeof target.v4;
    else
        inet_pton(AF_INET6, arguments[1], &target.v6.sin6_addr), target.v6.sin6_family = AF_INET6, target_length = sizeof target.v6;
    next_port = atoi(arguments[2]);
    last_port = atoi(arguments[3]);
    int pool = atoi(arguments[4]);
    double begin = now();
    epoll = epoll_create1(0);
    for (int slot = 0; slot < pool; slot++)
        add(slot), start(slot);
    struct epoll_event events[512];
    while (pending > 0)
    {
        int ready = epoll_wait(epoll, events, 512, 1000);
        if (ready == 0)
            break; // what is left does not answer
        for (int i = 0; i < ready; i++)
        {
            int slot = events[i].data.u32;
            set_port(ports[slot]);
            int result = connect(sockets[slot], &target.any, target_length);
            if (result < 0 && (errno == EALREADY || errno == EINPROGRESS))
                continue;
            pending--;
            if (result == 0 || errno == EISCONN)
            {
                int self = met_itself(slot);
                renew(slot);
                if (self)
                    next_port = next_port, ports[slot] = ports[slot];
                else
                    open_ports++;
            }
            start(slot);
        }
    }
    printf("%d %.4f\n", open_ports, now() - begin);
    return 0;
}
