using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows where the time of a request went.</summary>
internal static class TraceText
{
    /// <summary>Every phase and attempt, one a row.</summary>
    public static void Write(TextOutput output, Response response)
    {
        var timings = response.Timings;
        var table = new Table("  ");
        table.Row(("phase", Style.Dim), ("time", Style.Dim), ("", Style.Plain));
        Phase(table, "dns", timings.Resolve, "");
        Phase(table, "connect", timings.Connect, response.RemoteAddress?.ToString() ?? "");
        Phase(table, "proxy", timings.Proxy, "");
        Phase(table, "tls", timings.Tls, response.Tls is { } tls ? $"{tls.Protocol} {tls.CipherSuite} {tls.ApplicationProtocol}".TrimEnd() : "");
        Phase(table, "first byte", timings.FirstByte, response.IsReused ? "on a connection that was open" : "from the request's start, connecting included");
        Phase(table, "total", timings.Total, $"{Count(response.Attempts.Count, "attempt")}, {Count(response.History.Count, "redirect")}");
        foreach (var attempt in response.Attempts)
        {
            var what = $"{attempt.Address} {attempt.Code} {attempt.Status}".TrimEnd();
            table.Row(("attempt", Style.Dim), (Milliseconds.Text(attempt.Elapsed), Style.Plain), (what, Style.Plain));
        }
        foreach (var hop in response.History)
            table.Row(("redirect", Style.Dim), ("", Style.Plain), ($"{hop.Status} → {hop.Location.AbsoluteUri}", Style.Plain));
        table.WriteTo(output);
        output.Flush();
    }

    /// <summary>The same in one line.</summary>
    public static void WriteLine(TextOutput output, Response response)
    {
        var timings = response.Timings;
        output.Write("* ", Style.Dim).Write($"{response.RemoteAddress}{(response.IsReused ? " (reused)" : "")}: ", Style.Dim);
        Part(output, "dns", timings.Resolve);
        Part(output, "connect", timings.Connect);
        Part(output, "proxy", timings.Proxy);
        Part(output, "tls", timings.Tls);
        Part(output, "first byte", timings.FirstByte);
        output.Line($"total {Milliseconds.Text(timings.Total)}", Style.Dim).Flush();
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static void Part(TextOutput output, string name, TimeSpan? time)
    {
        if (time is { } value)
            output.Write($"{name} {Milliseconds.Text(value)}, ", Style.Dim);
    }

    private static void Phase(Table table, string name, TimeSpan? time, string note) =>
        table.Row((name, Style.Plain), (time is { } value ? Milliseconds.Text(value) : "–", Style.Cyan), (note, Style.Dim));
}
