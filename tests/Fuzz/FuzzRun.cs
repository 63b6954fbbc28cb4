using System.Diagnostics;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Gives inputs to a target and judges what happens.</summary>
internal static class FuzzRun
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    /// <summary>The input must be accepted, or rejected with a documented exception, and soon. Keeps the one that is not.</summary>
    public static void Try(FuzzTarget target, byte[] input)
    {
        if (Judge(target, input) is { } fault)
            Assert.Fail($"{target.Name} {fault}\n{Keep(target, input)}");
    }

    /// <summary>What is wrong with a target's answer to an input, or null.</summary>
    public static string? Judge(FuzzTarget target, byte[] input)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            target.Run(input);
        }
        catch (Exception error) when (IsDocumented(error))
        {
        }
        catch (Exception error)
        {
            return $"threw {error.GetType().Name}: {error.Message}\n{error.StackTrace}";
        }
        var elapsed = Stopwatch.GetElapsedTime(start);
        return elapsed < Slow ? null : $"took {elapsed.TotalSeconds:0.0} s for {input.Length} bytes";
    }

    /// <summary>
    /// What a reader may throw at bad input. A plain <see cref="ArgumentOutOfRangeException"/> is none of it: that is what a slice beyond the end
    /// throws. One of ours names an option (<c>Timeouts.Connect</c>) or a parameter of the method that was called.
    /// </summary>
    public static bool IsDocumented(Exception error) => error switch
    {
        ArgumentOutOfRangeException range => range.ParamName is not (null or "start" or "length" or "startIndex" or "count" or "index" or "chars" or "bytes" or "destination"),
        NetworkException or FormatException or ArgumentException => true,
        _ => false,
    };

    // The input is kept where it can be made a seed: a fixed bug gets its test.
    private static string Keep(FuzzTarget target, byte[] input)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(input))[..16];
        var folder = Path.Combine(Seeds.Root, "artifacts", "fuzz", target.Name);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, name), input);
        return $"input: artifacts/fuzz/{target.Name}/{name} = base64 {Convert.ToBase64String(input)}\nkeep it as tests/Fuzz/seeds/{target.Name}/{name}";
    }
}
