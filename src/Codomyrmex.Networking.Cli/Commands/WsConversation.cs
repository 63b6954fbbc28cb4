using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Lines out and messages in, at the same time, until the goal is reached, the input ends or the server has had enough.</summary>
internal sealed class WsConversation(Invocation run, WebSocketClient socket, WsView view, WsGoal goal, TimeSpan limit, CancellationToken deadline)
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(run.Context.Interrupted, deadline);
    private Exception? _inputProblem;

    public async Task<int> RunAsync()
    {
        run.Progress = () => $"{goal.Received} messages had arrived, {view.SentMessages} were sent";
        // Not awaited: a read of standard input ends when a line comes, and the process does not wait for that.
        _ = SendLinesAsync();
        try
        {
            while (!goal.IsOver && await socket.ReceiveAsync(_stop.Token) is { } message)
            {
                goal.Take(message);
                view.Received(message, socket.RoundTripTime);
            }
            if (socket.Closed is null)
                await socket.CloseAsync(cancellationToken: _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            await socket.CloseAsync();
            view.Closed(socket);
            throw Stopped();
        }
        catch (NetworkException error)
        {
            view.Closed(socket, error as WebSocketException);
            throw;
        }
        view.Closed(socket);
        return Judge(socket.Closed!);
    }

    private async Task SendLinesAsync()
    {
        try
        {
            await Task.Yield();
            using var input = run.Context.OpenInput();
            var lines = new LineReader(input);
            while (await lines.ReadAsync(_stop.Token) is { } line)
            {
                if (!System.Text.Unicode.Utf8.IsValid(line.Span))
                    throw new UsageException($"Line {lines.Number} of standard input is not UTF-8, and text of a WebSocket is.");
                await socket.SendTextAsync(line, cancellationToken: _stop.Token);
                view.Sent(line.Length);
            }
            if (!goal.Exists && !run.Arguments.Has(WsOptions.KeepOpen))
                await socket.CloseAsync(cancellationToken: _stop.Token);
        }
        catch (Exception error) when (error is UsageException or IOException)
        {
            _inputProblem = error as UsageException ?? new UsageException($"Standard input cannot be read: {error.Message}", inner: error);
            await _stop.CancelAsync();
        }
        catch (NetworkException error)
        {
            // Whoever receives is told why the connection is gone; that a line was left behind counts where that is no reason.
            _inputProblem = error;
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // It is over, and nobody waits for this.
        }
    }

    private Exception Stopped()
    {
        if (_inputProblem is not null && !run.Context.Interrupted.IsCancellationRequested && !deadline.IsCancellationRequested)
            return _inputProblem;
        if (run.Context.Interrupted.IsCancellationRequested)
            return new OperationCanceledException(run.Context.Interrupted);
        return new NetworkFailure
        {
            Code = ErrorCodes.TimeoutTotal,
            Message = $"The conversation with {Endpoint.Of(socket.Url)} was not done within {limit.TotalSeconds:0.###} s{(goal.Exists ? ": " + goal.Missing : "")}.",
            Phase = NetworkPhase.Receive,
            Endpoint = Endpoint.Of(socket.Url),
            Elapsed = limit,
            WasSent = view.SentMessages > 0 ? WasSent.Yes : WasSent.Never,
        }.ToException();
    }

    private int Judge(WebSocketClose close)
    {
        var server = Endpoint.Of(socket.Url);
        if (!goal.IsReached && goal.IsOver)
            throw Unfinished($"{goal.Received} messages came, but {goal.Missing}.", close);
        if (!goal.IsReached)
            throw Unfinished($"{server} closed the WebSocket with code {(int)close.Code} before the work was done: {goal.Missing}.", close);
        if (!close.IsClean)
            throw Unfinished($"{server} did not answer the close of the WebSocket.", close);
        return _inputProblem is null ? ExitCodes.Done : throw _inputProblem;
    }

    private WebSocketException Unfinished(string message, WebSocketClose close) => new(new NetworkFailure
    {
        Code = ErrorCodes.WsClosedAbnormally,
        Message = message,
        Hint = close.IsClean ? "Look at the messages that came; --json shows them with the close." : null,
        Phase = NetworkPhase.Receive,
        Endpoint = Endpoint.Of(socket.Url),
        IsTransient = false,
        WasSent = view.SentMessages > 0 ? WasSent.Yes : WasSent.Never,
    })
    { CloseCode = close.Code, CloseReason = close.Reason };
}
