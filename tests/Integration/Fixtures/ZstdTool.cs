using System.Diagnostics;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>The reference implementation's command line, as a filter.</summary>
internal static class ZstdTool
{
    public const string Path = "/usr/bin/zstd";

    public static Task<byte[]> CompressAsync(byte[] plain, params string[] arguments) => RunAsync(plain, ["-q", "-c", .. arguments]);

    public static Task<byte[]> DecompressAsync(byte[] coded) => RunAsync(coded, ["-q", "-d", "-c"]);

    public static async Task<byte[]> RunAsync(byte[] input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException($"zstd {string.Join(' ', arguments)}: {await errors}");
    }
}
