namespace Codomyrmex.Networking.Ssh;

/// <summary>A round of questions of a server (RFC 4256, section 3.2). All texts are the server's, as they came: to be shown escaped.</summary>
/// <param name="Instruction">What it says beforehand; may be empty.</param>
/// <param name="Questions">The questions; may be empty, and then wants no answers.</param>
public sealed record SSHChallenge(string Instruction, IReadOnlyList<SSHQuestion> Questions);
