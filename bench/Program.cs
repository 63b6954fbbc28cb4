using Codomyrmex.Networking.Benchmarks.Crawling;
using Codomyrmex.Networking.Benchmarks.Http;
using Codomyrmex.Networking.Benchmarks.Resilience;
using Codomyrmex.Networking.Benchmarks.Scanning;
using Codomyrmex.Networking.Benchmarks.Sockets;
using Codomyrmex.Networking.Benchmarks.Ssh;
using Codomyrmex.Networking.Benchmarks.Streams;
using Codomyrmex.Networking.Benchmarks.Suite;
using Codomyrmex.Networking.Benchmarks.Transfers;
using Codomyrmex.Networking.Benchmarks.Udp;
using Codomyrmex.Networking.Benchmarks.WebSockets;
using Codomyrmex.Networking.Benchmarks.Workers;

const string Usage = """
    usage: ./dev bench SUITE [--quick] [--json] [--rounds N] [--seconds N] [--only TEXT]
           ./dev bench allocations WORKER

      http          every peer side by side against one server: req/s, CPU and bytes per request, downloads, JSON, cold start
      resilience    what limiter, breaker, hedging and cache add to a request, beside Polly.Core's: ns and bytes
      transfers     downloads into a file in memory, beside curl -o
      sse           our readers of events, lines, NDJSON and JSON arrays beside the platform's, over the same bytes
      sockets       TCPServer with every limit on, beside Kestrel with the same frames, raw sockets and a loop in C
      crawl         Crawler beside scrapy on one made-up site: pages a second, CPU, memory
      scan          codonet scan beside nmap and a loop in C, in network namespaces of its own (as root)
      udp           UDPClient beside the platform's socket and the same calls in C: datagrams sent and received a second
      ssh           files, commands and connections over SSH, beside sftp, scp, ssh and the bare engine
      ws            WebSocket clients: messages sent and received a second, round trips, compression, idle connections
      allocations   what one worker of the http suite allocates, by type

      --quick       a minute's smoke run: fewer and shorter rounds
      --json        the figures as JSON instead of a table
      --rounds N    interleaved rounds (7; 3 with --quick)
      --seconds N   seconds a peer and round (1; 0.3 with --quick)
      --only TEXT   only scenarios whose name contains TEXT
    """;

var settings = Settings.Parse(args.Skip(1));
switch (args.FirstOrDefault())
{
    case "http":
        return await HttpSuite.RunAsync(settings);
    case "resilience":
        return await ResilienceSuite.RunAsync(settings);
    case "transfers":
        return await TransferSuite.RunAsync(settings);
    case "sse":
        return await StreamSuite.RunAsync(settings);
    case "scan":
        return await ScanSuite.RunAsync(settings);
    case "crawl":
        return await CrawlSuite.RunAsync(settings);
    case "crawl-site" when args.Length > 1:
        return await CrawlWorker.ServeAsync(args[1]);
    case "crawl-worker" when args.Length > 2:
        return await CrawlWorker.CrawlAsync(args[1..]);
    case "sockets":
        return await SocketSuite.RunAsync(settings);
    case "udp":
        return await UdpSuite.RunAsync(settings);
    case "udp-worker" when args.Length > 3:
        return await UdpWorker.RunAsync(args[1..]);
    case "ssh":
        return await SshSuite.RunAsync(settings);
    case "ssh-worker" when args.Length > 2:
        return await SshWorker.ServeAsync(args[1], args[2..]);
    case "allocations" when args.Length > 1:
        return await AllocationReport.RunAsync(args[1]);
    case "ws":
        return await WebSocketSuite.RunAsync(settings);
    case "idle" when args.Length > 3:
        return await IdleConnections.HoldAsync(args[1], args[2], args[3]);
    case "frame-server":
        return FrameServer.Run();
    case "worker" when args.Length > 1:
        return await Worker.ServeAsync(args[1]);
    default:
        Console.Error.WriteLine(Usage);
        return 64;
}
