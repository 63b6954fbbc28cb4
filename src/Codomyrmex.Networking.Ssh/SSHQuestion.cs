namespace Codomyrmex.Networking.Ssh;

/// <summary>A question of a server's.</summary>
/// <param name="Text">The question, such as <c>Password: </c>.</param>
/// <param name="IsEchoed">Whether the answer may be seen while it is typed.</param>
public sealed record SSHQuestion(string Text, bool IsEchoed);
