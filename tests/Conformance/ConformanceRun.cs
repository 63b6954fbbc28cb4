using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Conformance.Client;
using Codomyrmex.Networking.Tests.Conformance.Steps;

namespace Codomyrmex.Networking.Tests.Conformance;

/// <summary>Plays a case: a server of one connection on one side, the client under test with an echo loop on the other.</summary>
internal static class ConformanceRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task PlayAsync(ConformanceCase that, ConnectClient connect)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var played = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new WebSocketServerOptions { Compression = that.Compression, Answer = (_, _) => Task.FromResult(that.Answer) };
        await using var server = WebSocketServer.Start((connection, _) => ServeAsync(that, connection, played, limit.Token), options);
        if (that.Ends == ClientEnd.Refused)
        {
            Assert.NotNull(await TryAsync(async () => await (await connect(server.Url, that.Offer, that.MaxMessageBytes, limit.Token)).DisposeAsync()));
            return;
        }
        var echoing = TryAsync(() => EchoAsync(connect, server.Url, that, limit.Token));
        await Task.WhenAny(played.Task, echoing);
        // Only a connection that never came about leaves the script unplayed.
        if (server.Connections.Count == 0)
            Assert.Fail($"The handshake failed: {await echoing}");
        await played.Task;
        var failure = await echoing;
        if (that.Ends == ClientEnd.Clean)
            Assert.True(failure is null, $"The client was to see a clean close, but saw: {failure}");
        else if (that.Ends == ClientEnd.Failed)
            Assert.True(failure is not null, "The client was to see a failure, but saw a clean close.");
        Assert.Empty(server.Violations);
    }

    private static async Task ServeAsync(ConformanceCase that, WebSocketServerConnection connection, TaskCompletionSource played, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (index, step) in that.Steps.Index())
                await PlayAsync(index + 1, step, connection, cancellationToken);
            played.SetResult();
        }
        catch (Exception error)
        {
            played.SetException(error);
        }
        await connection.EndAsync();
    }

    private static async Task PlayAsync(int number, IStep step, WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await step.PlayAsync(connection, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Step {number}, {step.GetType().Name}: the client did nothing.");
        }
        catch (IOException error)
        {
            throw new IOException($"Step {number}, {step.GetType().Name}: {error.Message}", error);
        }
    }

    private static async Task EchoAsync(ConnectClient connect, Uri url, ConformanceCase that, CancellationToken cancellationToken)
    {
        await using var client = await connect(url, that.Offer, that.MaxMessageBytes, cancellationToken);
        while (await client.ReceiveAsync(cancellationToken) is { } message)
        {
            if (that.ClientCloses)
            {
                await client.CloseAsync(1000, "done", cancellationToken);
                return;
            }
            await client.SendAsync(message, cancellationToken);
        }
    }

    private static async Task<Exception?> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
