using System.Globalization;

namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>
/// Sites on many addresses of the lab's target, and when each machine asked them for what. At two ports they want a pause between two requests, at another none. Each is a tree of pages,
/// the first of which leads to two more sites.
/// </summary>
internal sealed class LabSites
{
    public const int Sites = 12;
    public const int Pages = 12;

    /// <summary>The port at which nobody has to be spared.</summary>
    public const int Quick = 8080;

    /// <summary>The port whose robots.txt asks for a <see cref="Pause"/>.</summary>
    public const int Polite = 8081;

    /// <summary>The port whose robots.txt asks for a <see cref="LongPause"/>.</summary>
    public const int Slow = 8082;

    /// <summary>The addresses of all sites.</summary>
    public const string Network = "198.19.240.0/24";

    public const string Script = """
        import http.server, socketserver, sys, threading, time
        sites, pages = int(sys.argv[2]), int(sys.argv[3])
        pauses = dict(zip(map(int, sys.argv[4::2]), sys.argv[5::2]))
        log, lock = open(sys.argv[1], 'w'), threading.Lock()
        class Site(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def do_GET(self):
                begin = time.monotonic_ns()
                host, port = self.connection.getsockname()
                number = int(host.split('.')[3])
                status, kind, text = 404, 'text/html', 'nothing here'
                if self.path == '/robots.txt':
                    status, kind, text = 200, 'text/plain', 'User-agent: *\nDisallow: /closed/\n' + 'Crawl-delay: ' + pauses[port]
                elif self.path.startswith('/p/') and int(self.path[3:]) < pages:
                    page = int(self.path[3:])
                    links = ['/p/%d' % child for child in (2 * page + 1, 2 * page + 2) if child < pages] + ['/closed/%d' % page, '/p/0']
                    if page == 0:
                        links += ['http://198.19.240.%d:%d/p/0' % (other, port) for other in (2 * number, 2 * number + 1) if other <= sites]
                    if page == pages - 1:
                        links += ['http://198.19.240.%d:%d/p/%d' % (1 + (number + 4) % sites, port, pages // 2)]
                    status, text = 200, '<title>%d of %s</title>' % (page, host) + ''.join('<a href=%s>x</a>' % link for link in links)
                time.sleep(0.02)
                self.send_response_only(status)
                body = text.encode()
                self.send_header('Content-Type', kind)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                with lock:
                    log.write('%d %d %d %s %s %s\n' % (begin, time.monotonic_ns(), port, host, self.client_address[0], self.path))
                    log.flush()
                    print('seen', port, self.client_address[0], flush=True)
        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 256
        for port in pauses:
            server = Server(('', port), Site)
            threading.Thread(target=server.serve_forever, daemon=True).start()
        print('ready', flush=True)
        threading.Event().wait()
        """;

    private readonly List<Request> _requests;

    private LabSites(List<Request> requests) => _requests = requests;

    public static TimeSpan Pause { get; } = TimeSpan.FromSeconds(0.4);

    public static TimeSpan LongPause { get; } = TimeSpan.FromSeconds(2);

    /// <summary>What the script is started with, after the path of its log.</summary>
    public static string[] Arguments =>
        [.. new[] { Sites, Pages, Quick, 0, Polite, Pause.TotalSeconds, Slow, LongPause.TotalSeconds }.Select(static number => number.ToString(CultureInfo.InvariantCulture))];

    /// <summary>How often each page was asked for.</summary>
    public Dictionary<string, int> Hits => _requests.Where(static request => request.IsPage).CountBy(static request => request.Url).ToDictionary();

    /// <summary>The addresses of the machines that asked.</summary>
    public IEnumerable<string> Machines => _requests.Select(static request => request.From).Distinct();

    public static string UrlAt(int port) => UrlsAt(port)[0];

    /// <summary>The first page of each site.</summary>
    public static string[] UrlsAt(int port) => [.. Enumerable.Range(1, Sites).Select(site => $"http://198.19.240.{site}:{port}/p/0")];

    /// <summary>The hosts that a machine asked for pages.</summary>
    public IEnumerable<string> HostsOf(int machine) => _requests.Where(request => request.IsPage && request.From == FleetLab.AddressOf(machine)).Select(static request => request.Host).Distinct();

    /// <summary>Reads what was asked at a port, since so many requests had been.</summary>
    public static LabSites Read(string path, int port, int since)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var requests = new List<Request>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Split(' ') is [var begin, var end, var at, var host, var from, var target] && int.Parse(at, CultureInfo.InvariantCulture) == port && since-- <= 0)
                requests.Add(new Request(long.Parse(begin, CultureInfo.InvariantCulture), long.Parse(end, CultureInfo.InvariantCulture), $"{host}:{at}", from, target));
        }
        return new LabSites(requests);
    }

    /// <summary>What a machine asked between two time stamps, and all the rest: the sites' clock is this process's.</summary>
    public (int Count, LabSites Others) Apart(int machine, long from, long to)
    {
        var rest = _requests.FindAll(request => request.From != FleetLab.AddressOf(machine) || request.Begin < from || request.Begin > to);
        return (_requests.Count - rest.Count, new LabSites(rest));
    }

    /// <summary>No host was asked by two machines at a time, nor by anybody before its pause was over.</summary>
    public void WerePolite(TimeSpan pause)
    {
        foreach (var host in _requests.GroupBy(static request => request.Host))
        {
            var all = host.OrderBy(static request => request.Begin).ToList();
            foreach (var (before, next) in all.Zip(all.Skip(1)))
                Assert.True(before.From == next.From || before.End <= next.Begin, $"{host.Key} was asked by {before.From} and {next.From} at a time.");
            var pages = all.Where(static request => request.IsPage).ToList();
            for (var first = 0; first < pages.Count; first++)
            {
                for (var last = first + 1; last < pages.Count; last++)
                {
                    // A request may take longer to get here than one after it, where processors are busy: by less than a pause, and by none where another machine took over.
                    var least = pause * (last - first) - (pages[first].From == pages[last].From ? pause * 0.75 : TimeSpan.Zero);
                    var gap = TimeSpan.FromMicroseconds((pages[last].Begin - pages[first].Begin) / 1000);
                    Assert.True(gap >= least,
                        $"{host.Key} was asked for {pages[first].Target} by {pages[first].From} and {gap.TotalMilliseconds:0} ms later, {last - first} requests on, for {pages[last].Target} by {pages[last].From}.");
                }
            }
        }
    }

    private sealed record Request(long Begin, long End, string Host, string From, string Target)
    {
        public bool IsPage => Target.StartsWith("/p/", StringComparison.Ordinal) || Target.StartsWith("/closed/", StringComparison.Ordinal);

        public string Url => $"http://{Host}{Target}";
    }
}
