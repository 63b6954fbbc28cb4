using System.Net.Security;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets;

public sealed partial class TCPConnection
{
    /// <summary>
    /// Speaks TLS from here on, as the client (STARTTLS, RFC 3207): to be called when the peer has agreed to it. Bytes that it has sent ahead are an
    /// error, since somebody in between may have put them there.
    /// </summary>
    /// <param name="options">Whom to trust; null for the defaults.</param>
    /// <param name="protocols">Application protocols to offer (ALPN, RFC 7301), in order of preference; null for none.</param>
    /// <param name="timeout">The limit of the handshake; null for that of <see cref="Timeouts.Default"/>.</param>
    /// <param name="cancellationToken">Cancels the call, and the connection with it.</param>
    /// <exception cref="SSLException">The handshake failed; the connection is broken.</exception>
    public Task UpgradeToTlsAsync(TlsOptions? options = null, IReadOnlyList<string>? protocols = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        options ??= TlsOptions.Default;
        options.Validate();
        return UpgradeAsync(async ct =>
        {
            var dialed = Stream as DialedStream ?? new DialedStream(Stream, new DialTrace(Endpoint, Clock));
            SslApplicationProtocol[] offered = [.. (protocols ?? []).Select(static name => new SslApplicationProtocol(name))];
            var stream = await TlsConnector.ConnectAsync(dialed, options, Endpoint.Host, offered, ct).ConfigureAwait(false);
            return (stream, dialed.Trace.TlsFacts!);
        }, timeout, cancellationToken);
    }

    /// <summary>Speaks TLS from here on, as the server: to be called when the client was told that it may begin.</summary>
    /// <param name="options">Who we are, and whom to let in.</param>
    /// <param name="timeout">The limit of the handshake; null for that of <see cref="Timeouts.Default"/>.</param>
    /// <param name="cancellationToken">Cancels the call, and the connection with it.</param>
    /// <exception cref="SSLException">The handshake failed; the connection is broken.</exception>
    public Task UpgradeToTlsAsync(TlsServerOptions options, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return UpgradeAsync(ct => new TlsAcceptor(options).AcceptAsync(Stream, Endpoint, ct), timeout, cancellationToken);
    }

    private async Task UpgradeAsync(Func<CancellationToken, Task<(Stream Stream, TlsFacts Facts)>> handshake, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (Tls is not null)
            throw new InvalidOperationException("This connection speaks TLS already.");
        ThrowIfUnreadable();
        await Outbox.FlushAsync(cancellationToken).ConfigureAwait(false);
        // Read in clear, acted upon as if it had come through TLS: CVE-2011-0411 and its many siblings.
        if (_inbox.HasPartial)
            throw Refused(Failure(ErrorCodes.TlsProtocol, $"{Endpoint} sent bytes ahead of the TLS handshake.", NetworkPhase.Tls));
        var limit = timeout ?? Timeouts.Default.Tls;
        using var timer = new CancellationTokenSource(limit, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            (Stream, Tls) = await handshake(either.Token).ConfigureAwait(false);
        }
        catch (NetworkException error)
        {
            throw Refused(error.Failure, error);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Refused(Failure(ErrorCodes.TimeoutTls, $"The TLS handshake with {Endpoint} took longer than {Seconds(limit)}.", NetworkPhase.Tls));
        }
        catch (OperationCanceledException)
        {
            Abort();
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private NetworkException Refused(NetworkFailure failure, NetworkException? error = null)
    {
        Break(failure);
        return error ?? failure.ToException();
    }
}
