namespace Codomyrmex.Networking.Cli;

/// <summary>Whoever read our output has left: no reason to go on, and none to complain.</summary>
internal sealed class OutputClosedException(Exception inner) : Exception(inner.Message, inner);
