// A long way to a network namespace: two tunnel devices, and packets that take their time from one to the other.
// usage: delay_link NAMESPACE MILLISECONDS   makes codotun here and codotun in the namespace; prints "ready"; ends with its input
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 1 << 17, LARGEST = 65536 };

struct packet { double due; int length; char bytes[]; };
struct way { int from, to; pthread_mutex_t lock; pthread_cond_t news; unsigned head, tail; struct packet *queue[SLOTS]; };

static double delay;
static struct way ways[2];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int tunnel(void)
{
    struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    strcpy(request.ifr_name, "codotun");
    int device = open("/dev/net/tun", O_RDWR);
    if (device < 0 || ioctl(device, TUNSETIFF, &request) < 0)
        exit(1);
    return device;
}

static void *take(void *argument)
{
    struct way *way = argument;
    static __thread char bytes[LARGEST];
    for (;;)
    {
        int length = read(way->from, bytes, LARGEST);
        if (length <= 0)
            exit(1);
        struct packet *packet = malloc(sizeof *packet + length);
        packet->due = now() + delay;
        packet->length = length;
        memcpy(packet->bytes, bytes, length);
        pthread_mutex_lock(&way->lock);
        if (way->tail - way->head < SLOTS)
            way->queue[way->tail++ % SLOTS] = packet;
        else
            free(packet); // as a router does
        if (way->tail - way->head == 1)
            pthread_cond_signal(&way->news);
        pthread_mutex_unlock(&way->lock);
    }
}

static void *give(void *argument)
{
    struct way *way = argument;
    prctl(PR_SET_TIMERSLACK, 1);
    for (;;)
    {
        pthread_mutex_lock(&way->lock);
        while (way->head == way->tail)
            pthread_cond_wait(&way->news, &way->lock);
        struct packet *packet = way->queue[way->head++ % SLOTS];
        pthread_mutex_unlock(&way->lock);
        double rest = packet->due - now();
        if (rest > 0)
        {
            struct timespec pause = { (time_t)rest, (long)((rest - (time_t)rest) * 1e9) };
            nanosleep(&pause, NULL);
        }
        // A device that is down takes nothing.
        ssize_t taken = write(way->to, packet->bytes, packet->length);
        (void)taken;
        free(packet);
    }
    return NULL;
}

int main(int count, char **arguments)
{
    char path[256];
    if (count != 3)
        return 64;
    delay = atof(arguments[2]) / 1000;
    int here = tunnel();
    snprintf(path, sizeof path, "/run/netns/%s", arguments[1]);
    if (setns(open(path, O_RDONLY), CLONE_NEWNET) < 0)
        return 1;
    int there = tunnel();
    for (int i = 0; i < 2; i++)
    {
        struct way *way = &ways[i];
        way->from = i == 0 ? here : there;
        way->to = i == 0 ? there : here;
        pthread_mutex_init(&way->lock, NULL);
        pthread_cond_init(&way->news, NULL);
        pthread_t thread;
        pthread_create(&thread, NULL, take, way);
        pthread_create(&thread, NULL, give, way);
    }
    puts("ready");
    fflush(stdout);
    while (read(0, path, sizeof path) > 0)
        ;
    return 0;
}
