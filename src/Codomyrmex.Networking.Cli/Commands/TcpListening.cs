using System.Net;
using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>tcp listen</c>: the frames of everybody who connects.</summary>
internal sealed class TcpListening(Invocation run)
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _output = new(1);
    private readonly TaskCompletionSource _counted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _frames;

    public async Task<int> RunAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var arguments = run.Arguments;
        var count = arguments.Value(TcpOptions.Count, static text => NumberText.Parse(text, 1, int.MaxValue));
        var idle = arguments.Value(TcpOptions.IdleTimeout, DurationText.Parse) ?? Timeout.InfiniteTimeSpan;
        var options = new TCPServerOptions
        {
            EndPoints = [endPoint],
            Framing = TcpCommand.ReadFraming(arguments),
            Limits = TCPServerLimits.Default with { FrameBytes = TcpCommand.ReadMaxFrame(arguments), Idle = idle },
            Tls = ReadTls(arguments),
        };
        run.Progress = () => $"{_frames} frames had arrived";
        await using var server = TCPServer.Start((connection, ct) => ServeAsync(connection, count, ct), options);
        FrameDocument.WriteListening(run, server.EndPoints[0].ToString()!);
        try
        {
            await _counted.Task.WaitAsync(cancellationToken);
            return ExitCodes.Done;
        }
        finally
        {
            await server.StopAsync(Drain, CancellationToken.None);
        }
    }

    private async Task ServeAsync(TCPConnection connection, int? count, CancellationToken cancellationToken)
    {
        foreach (var text in run.Arguments.All(TcpOptions.Send))
            await connection.SendAsync(text, cancellationToken);
        long bytes = 0;
        await foreach (var frame in connection.ReceiveAllAsync(cancellationToken))
        {
            bytes += frame.Length;
            await ShowAsync(() => FrameDocument.Write(run, frame.Span, connection.ToString()));
            if (run.Arguments.Has(TcpOptions.Echo))
                await connection.WriteAsync(frame, cancellationToken);
            if (Interlocked.Increment(ref _frames) == count)
                _counted.TrySetResult();
        }
        await ShowAsync(() => FrameDocument.WriteEnd(run, bytes, connection.ToString()));
    }

    private async Task ShowAsync(Action show)
    {
        await _output.WaitAsync();
        try
        {
            show();
        }
        catch (OutputClosedException closed)
        {
            _counted.TrySetException(closed);
        }
        finally
        {
            _output.Release();
        }
    }

    private static TlsServerOptions? ReadTls(ParsedArguments arguments)
    {
        if (!arguments.Has(TcpOptions.Tls))
            return null;
        var certificate = arguments.Read(ConnectionOptions.Cert, text => X509Certificate2.CreateFromPemFile(text, arguments.Text(ConnectionOptions.Key)))
            ?? throw new UsageException("--tls: a server needs a certificate: --cert FILE --key FILE.", TcpOptions.Tls.Name);
        var roots = arguments.Read(ConnectionOptions.CaCert, static path =>
        {
            var collection = new X509Certificate2Collection();
            collection.ImportFromPemFile(path);
            return collection.Count > 0 ? collection : throw new FormatException($"'{path}' holds no PEM certificate.");
        });
        return new TlsServerOptions { Certificate = certificate, ClientRoots = roots, Protocols = arguments.All(TcpOptions.Alpn) };
    }
}
