namespace Codomyrmex.Networking.Cli;

/// <summary>What a command meets: streams, terminal, environment, clock. Tests hand in their own.</summary>
internal sealed class CommandContext
{
    public required Stream Out { get; init; }

    public required Stream Error { get; init; }

    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Whether a person looks at the output.</summary>
    public bool IsOutTerminal { get; init; }

    public bool IsErrorTerminal { get; init; }

    /// <summary>Columns of the terminal; a fixed width where there is none.</summary>
    public Func<int> Width { get; init; } = static () => 100;

    /// <summary>Reads a variable of the environment.</summary>
    public Func<string, string?> Environment { get; init; } = static _ => null;

    /// <summary>Asks the person at the terminal for a secret, unseen; null where there is nobody.</summary>
    public Func<string, string?> AskSecret { get; init; } = static _ => null;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Ctrl-C.</summary>
    public CancellationToken Interrupted { get; init; }

    /// <summary>The same for work that ends with a token of its own, where nobody is there to be asked.</summary>
    /// <param name="stop">Ends it.</param>
    public CommandContext Until(CancellationToken stop) => new()
    {
        Out = Stream.Null,
        Error = Stream.Null,
        OpenInput = static () => Stream.Null,
        Environment = Environment,
        Clock = Clock,
        Interrupted = stop,
    };
}
