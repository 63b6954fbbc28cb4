using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>The other end of <see cref="WorkerPeer"/>.</summary>
internal static class Worker
{
    public static async Task<int> ServeAsync(string name)
    {
        var work = HttpWorks.Make(name);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var parts = line.Split(' ', 3);
            var load = new Load(work, parts[2], int.Parse(parts[1], CultureInfo.InvariantCulture));
            var sample = await load.RunAsync(double.Parse(parts[0], CultureInfo.InvariantCulture));
            Console.WriteLine(JsonSerializer.Serialize(sample, SampleJson.Default.Sample));
        }
        return 0;
    }
}
