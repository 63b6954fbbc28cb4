namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Nothing to show: the server then says what it would take (RFC 4252, section 5.2).</summary>
internal sealed class NoCredential : SSHCredential;
