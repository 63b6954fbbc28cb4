namespace Codomyrmex.Networking.Cli;

/// <summary>The command line makes no sense. The message names the argument.</summary>
internal sealed class UsageException(string message, string? argument = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The argument that is wrong, where there is one, without the secrets in it.</summary>
    public string? Argument { get; } = argument is null ? null : Redactor.Redact(argument);
}
