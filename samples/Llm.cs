using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Samples;

/// <summary>A long answer, used as it arrives: patience for the first byte, little for a stall, one deadline for all of it.</summary>
public static class Llm
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: stream
        await using var client = HTTPClient.Create();
        var patient = new RequestOptions
        {
            Timeouts = new Timeouts { FirstByte = TimeSpan.FromMinutes(5), Idle = TimeSpan.FromSeconds(20), Total = TimeSpan.FromMinutes(30) },
        };

        await using var response = await client.StreamAsync($"{server}stream/3", patient, ct);
        await foreach (var line in response.EnsureSuccess().ReadLinesAsync(ct))
            await output.WriteLineAsync($"got {line}");
        // end
    }
}
