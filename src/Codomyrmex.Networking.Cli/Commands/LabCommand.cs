using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>lab</c>: servers to try things against.</summary>
internal static class LabCommand
{
    public static Command Make() => new("lab", "", "run embedded servers on the loopback address to try things against", [LabOptions.Group, GeneralOptions.Plain], RunAsync)
    {
        Details =
        [
            "The HTTPS server's certificate leads to an authority made for this run; its root is written to a file for --cacert. With " +
            "--json, the first line is one document with every address, and nothing follows it.",
        ],
        Examples = ["lab", "lab --port 8080 --for 10m", "lab --json"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var port = run.Arguments.Value(LabOptions.Port, static text => NumberText.Parse(text, 0, 65535)) ?? 0;
        var tlsPort = run.Arguments.Value(LabOptions.TlsPort, static text => NumberText.Parse(text, 0, 65535)) ?? 0;
        var duration = run.Arguments.Value(LabOptions.For, DurationText.Parse) ?? Timeout.InfiniteTimeSpan;
        await using var lab = await Lab.StartAsync(port, tlsPort, run.Context.Interrupted);
        if (run.IsJson)
            WriteDocument(run, lab);
        else
            WriteTable(run.Out, lab, run.IsQuiet);
        try
        {
            await Task.Delay(duration, run.Context.Clock, run.Context.Interrupted);
        }
        catch (OperationCanceledException)
        {
            if (!run.IsQuiet && !run.IsJson)
                run.Error.Line($"stopped after {lab.Http.ConnectionCount + lab.Https.ConnectionCount + lab.Tcp.GetStatistics().Accepted} connections and {lab.Udp.GetStatistics().Received} datagrams").Flush();
            return ExitCodes.Interrupted;
        }
        return ExitCodes.Done;
    }

    private static void WriteDocument(Invocation run, Lab lab) => JsonOutput.Write(run.Context.Out, writer =>
    {
        writer.WriteString("http", lab.Http.Url.AbsoluteUri);
        writer.WriteString("https", lab.Https.Url.AbsoluteUri);
        writer.WriteString("ws", lab.WebSocketEcho.AbsoluteUri);
        writer.WriteString("wss", lab.SecureWebSocketEcho.AbsoluteUri);
        writer.WriteString("tcp", lab.Tcp.EndPoints[0].ToString());
        writer.WriteString("udp", lab.Udp.LocalEndPoint!.ToString());
        writer.WriteString("caFile", lab.CaFile);
        if (lab.Ssh is { } ssh)
        {
            writer.WriteStartObject("ssh");
            writer.WriteString("host", ssh.Host);
            writer.WriteNumber("port", ssh.Port);
            writer.WriteString("user", ssh.User);
            writer.WriteString("keyFile", ssh.KeyFile);
            writer.WriteString("knownHostsFile", ssh.KnownHostsFile);
            writer.WriteString("folder", ssh.Folder);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("ssh");
        }
        writer.WriteStartArray("endpoints");
        foreach (var (paths, what) in LabEndpoints.Descriptions)
        {
            writer.WriteStartObject();
            writer.WriteString("path", paths);
            writer.WriteString("does", what);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static void WriteTable(TextOutput output, Lab lab, bool isQuiet)
    {
        var table = new Table();
        table.Row(("HTTP", Style.Bold), (lab.Http.Url.AbsoluteUri, Style.Cyan));
        table.Row(("HTTPS", Style.Bold), (lab.Https.Url.AbsoluteUri, Style.Cyan));
        table.Row(("WebSocket", Style.Bold), (lab.WebSocketEcho.AbsoluteUri, Style.Cyan));
        table.Row(("", Style.Bold), (lab.SecureWebSocketEcho.AbsoluteUri, Style.Cyan));
        table.Row(("TCP echo", Style.Bold), (lab.Tcp.EndPoints[0].ToString()!, Style.Cyan));
        table.Row(("UDP echo", Style.Bold), (lab.Udp.LocalEndPoint!.ToString(), Style.Cyan));
        table.Row(("SSH", Style.Bold), (lab.Ssh is { } ssh ? $"{ssh.User}@{ssh.Host}:{ssh.Port}" : "OpenSSH is not installed here", lab.Ssh is null ? Style.Dim : Style.Cyan));
        table.Row(("root", Style.Bold), (lab.CaFile, Style.Plain));
        table.WriteTo(output);
        if (isQuiet)
        {
            output.Flush();
            return;
        }
        output.Line();
        var paths = new Table("  ");
        foreach (var (path, what) in LabEndpoints.Descriptions)
            paths.Row((path, Style.Plain), (what, Style.Dim));
        paths.WriteTo(output);
        output.Line().Line($"Try: codonet get {lab.Https.Url}get --cacert {lab.CaFile}")
            .Line($"     codonet ws {lab.WebSocketEcho} --send hello --count 1")
            .Line($"     codonet scan 127.0.0.1 -p {lab.Http.Port},{lab.Https.Port},{lab.Tcp.Port} --banner --tls");
        if (lab.Ssh is { } server)
            output.Line($"     codonet ssh {server.User}@{server.Host}:{server.Port} --key {server.KeyFile} --known-hosts {server.KnownHostsFile} -- uptime");
        output.Line("Ctrl-C stops.", Style.Dim).Flush();
    }
}
