namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Writes a failure for people: one line, and one with what to try.</summary>
internal static class ErrorText
{
    public static void Write(TextOutput output, Exception error, bool isQuiet, bool withAttempts, string program = "codonet")
    {
        var code = (error as NetworkException)?.Code;
        output.Write(program + ": ", Style.Bold).Write(error is NetworkException ? PropertyNames.Replace(error.Message) : error.Message, Style.Red);
        output.Line(code is null ? "" : $" [{code}]", Style.Dim);
        if (withAttempts && error is NetworkException { Attempts.Count: > 0 } failure)
            WriteAttempts(output, failure.Attempts);
        var hint = error is NetworkException network ? HintText.Of(network) : null;
        if (hint is not null && !isQuiet)
            output.Write("  hint: ", Style.Dim).Line(hint);
        output.Flush();
    }

    private static void WriteAttempts(TextOutput output, IReadOnlyList<Attempt> attempts)
    {
        foreach (var attempt in attempts)
            output.Line($"  tried {attempt.Address}: {attempt.Code ?? attempt.Status?.ToString() ?? "connected"} in {Milliseconds.Text(attempt.Elapsed)}", Style.Dim);
    }
}
