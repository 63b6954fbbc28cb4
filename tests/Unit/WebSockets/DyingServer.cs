using System.Globalization;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>
/// A session that outlives its connections: it numbers what it sends, says what it has, and goes on where the client left off. Its connections die, each in
/// a way and at a time that a seed decides, until it has died often enough. Each message must be the one after the last: one that is missing, or there twice
/// on a connection, is recorded.
/// </summary>
internal sealed class DyingServer(int deaths, int seed)
{
    /// <summary>The share of connections that go silent; each costs its client the time of noticing.</summary>
    private const double Silent = 0.02;

    private static readonly byte[] BadFrame = [0xFF, 0x00];
    private static readonly byte[] HalfFrame = [0x82, 126, 4, 0, 1, 2, 3];

    private readonly Lock _gate = new();
    private int _died;
    private int _session;

    public int Died => Volatile.Read(ref _died);

    /// <summary>The number of the last message received of those without a gap.</summary>
    public int Has { get; private set; }

    /// <summary>The number of the last message sent.</summary>
    public int Sent { get; private set; }

    /// <summary>What should not have come.</summary>
    public List<string> Wrong { get; } = [];

    public async Task ServeAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        var dice = new Random(HashCode(connection.Number));
        var isDying = Died < deaths;
        if (isDying && dice.NextDouble() < 0.1)
        {
            await DieAsync(connection, dice, cancellationToken);
            return;
        }
        if (await connection.ReceiveAsync(cancellationToken) is not { } hello)
            return;
        int session, next;
        lock (_gate)
        {
            // What still comes over an earlier connection does not count any more: the client is told so by this.
            session = ++_session;
            next = Number(hello.Text["hello ".Length..]) + 1;
        }
        await connection.SendTextAsync(string.Create(CultureInfo.InvariantCulture, $"have {Has}"), cancellationToken);
        for (var left = dice.Next(1, 30); ; left--)
        {
            if (isDying && left == 0)
            {
                await DieAsync(connection, dice, cancellationToken);
                return;
            }
            if (await connection.ReceiveAsync(cancellationToken) is not { } message)
                return;
            int has;
            lock (_gate)
            {
                if (session != _session)
                    continue;
                if (Number(message.Text) != Has + 1)
                    Wrong.Add($"{message.Text} came after {Has} on connection {connection.Number}");
                has = Has = Number(message.Text);
                Sent++;
            }
            // What the client has missed as well.
            for (; next <= Sent; next++)
                await connection.SendTextAsync(string.Create(CultureInfo.InvariantCulture, $"{next} {has}"), cancellationToken);
        }
    }

    private async Task DieAsync(WebSocketServerConnection connection, Random dice, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _died);
        if (dice.NextDouble() < Silent)
        {
            // Reads on, and answers no ping.
            await UntilLeftAsync();
            return;
        }
        switch (dice.Next(6))
        {
            case 0:
                connection.Reset();
                break;
            case 1:
                await connection.SendRawAsync(HalfFrame, cancellationToken);
                connection.Reset();
                break;
            case 2:
                await connection.EndAsync();
                break;
            case 3:
                // A half-close: what the client sends is still read.
                await connection.EndAsync();
                await UntilLeftAsync();
                break;
            case 4:
                await connection.SendRawAsync(BadFrame, cancellationToken);
                await UntilLeftAsync();
                break;
            default:
                await connection.CloseAsync(1012, "restart", cancellationToken);
                break;
        }

        async Task UntilLeftAsync()
        {
            while (await connection.ReceiveFrameAsync(cancellationToken) is not null)
            {
            }
        }
    }

    private int HashCode(int number) => unchecked((seed * 397) ^ (number * 7919));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
