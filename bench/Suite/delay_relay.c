// A long way to a server: connections to one port go on to another of this machine, and bytes take their time in each direction.
// usage: delay_relay PORT TARGET MILLISECONDS   prints "ready"; ends with its input
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 65536, MOST_WAITING = 64 << 20 };

struct piece { struct piece *next; double due; int length; char bytes[PIECE]; };
struct way { int from, to; pthread_mutex_t lock; pthread_cond_t news; struct piece *head, *tail; long waiting; };

static double delay;
static int target;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void *take(void *argument)
{
    struct way *way = argument;
    for (int length = 1; length > 0;)
    {
        struct piece *piece = malloc(sizeof *piece);
        length = recv(way->from, piece->bytes, PIECE, 0);
        piece->length = length;
        piece->due = now() + delay;
        piece->next = NULL;
        pthread_mutex_lock(&way->lock);
        while (way->waiting > MOST_WAITING)
            pthread_cond_wait(&way->news, &way->lock);
        if (way->tail)
            way->tail->next = piece;
        else
            way->head = piece;
        way->tail = piece;
        way->waiting += PIECE;
        pthread_cond_broadcast(&way->news);
        pthread_mutex_unlock(&way->lock);
    }
    return NULL;
}

static void *give(void *argument)
{
    struct way *way = argument;
    for (int length = 1; length > 0;)
    {
        pthread_mutex_lock(&way->lock);
        while (!way->head)
            pthread_cond_wait(&way->news, &way->lock);
        struct piece *piece = way->head;
        way->head = piece->next;
        if (!way->head)
            way->tail = NULL;
        way->waiting -= PIECE;
        pthread_cond_broadcast(&way->news);
        pthread_mutex_unlock(&way->lock);
        double rest = piece->due - now();
        if (rest > 0)
        {
            struct timespec pause = { (time_t)rest, (long)((rest - (time_t)rest) * 1e9) };
            nanosleep(&pause, NULL);
        }
        length = piece->length;
        for (int sent = 0; sent < length;)
        {
            int some = send(way->to, piece->bytes + sent, length - sent, MSG_NOSIGNAL);
            if (some <= 0)
            {
                length = 0;
                break;
            }
            sent += some;
        }
        free(piece);
    }
    shutdown(way->to, SHUT_WR);
    return NULL;
}

static void join(int from, int to)
{
    struct way *way = calloc(1, sizeof *way);
    way->from = from;
    way->to = to;
    pthread_mutex_init(&way->lock, NULL);
    pthread_cond_init(&way->news, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, take, way);
    pthread_detach(thread);
    pthread_create(&thread, NULL, give, way);
    pthread_detach(thread);
}

static void *serve(void *argument)
{
    int listener = *(int *)argument, yes = 1;
    for (;;)
    {
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(target), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int near = accept(listener, NULL, NULL), far = socket(AF_INET, SOCK_STREAM, 0);
        if (near < 0 || connect(far, (struct sockaddr *)&to, sizeof to) < 0)
            exit(1);
        setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        join(near, far);
        join(far, near);
    }
}

int main(int count, char **arguments)
{
    if (count != 4)
        return 64;
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    target = atoi(arguments[2]);
    delay = atof(arguments[3]) / 1000;
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 64) < 0)
        return 1;
    pthread_t thread;
    pthread_create(&thread, NULL, serve, &listener);
    puts("ready");
    fflush(stdout);
    char rest[64];
    while (read(0, rest, sizeof rest) > 0)
        ;
    return 0;
}
