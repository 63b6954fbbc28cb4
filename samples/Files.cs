using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Transfers;

namespace Codomyrmex.Networking.Samples;

/// <summary>Files: downloads that arrive whole or not at all, and uploads that the server can check.</summary>
public static class Files
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        output = TextWriter.Synchronized(output);
        var folder = Directory.CreateTempSubdirectory("codonet-sample-").FullName;
        try
        {
            // sample: download
            await using var client = HTTPClient.Create();
            var file = await client.DownloadAsync($"{server}range/5000000", Path.Combine(folder, "letters.txt"), new()
            {
                Resume = true,
                Parallel = 4,
                Sha256 = "ff0de71979e4fd53d9972d09afe711b5793a55067d18b4e81a16867d61652376",
                Progress = new Progress<TransferProgress>(progress => output.WriteLine($"{progress.Bytes} of {progress.Total} bytes")),
            }, ct);
            await output.WriteLineAsync($"{file.Bytes} bytes, {file.ResumedFrom} of them from an earlier run, in {file.Path}");
            // end

            // sample: folder
            var named = await client.DownloadAsync($"{server}range/1000", folder, cancellationToken: ct);
            await output.WriteLineAsync(Path.GetFileName(named.Path));
            // end

            // sample: upload
            var sent = await client.UploadAsync($"{server}put", file.Path, new UploadOptions { ContentType = "text/plain", SendDigest = true }, ct);
            await output.WriteLineAsync($"sent {sent.Bytes} bytes with the SHA-256 {sent.Sha256}");
            // end
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
