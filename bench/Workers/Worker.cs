using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Benchmarks.Suite;
using Codomyrmex.Networking.Benchmarks.WebSockets;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>The other end of <see cref="WorkerPeer"/>.</summary>
internal static class Worker
{
    public static async Task<int> ServeAsync(string name)
    {
        var isWebSocket = WebSocketWorks.Make(name) is not null;
        var work = isWebSocket ? null : HttpWorks.Make(name);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var parts = line.Split(' ', 3);
            var seconds = double.Parse(parts[0], CultureInfo.InvariantCulture);
            var sample = isWebSocket
                ? await new WebSocketLoad(WebSocketWorks.Make(name)!, parts[2], seconds).RunAsync()
                : await new Load(work!, parts[2], int.Parse(parts[1], CultureInfo.InvariantCulture)).RunAsync(seconds);
            Console.WriteLine(JsonSerializer.Serialize(sample, SampleJson.Default.Sample));
        }
        return 0;
    }
}
