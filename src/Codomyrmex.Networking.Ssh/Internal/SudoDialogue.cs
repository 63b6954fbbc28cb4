using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// The talk with <c>sudo</c>: it asks with a prompt that nobody can guess, gets the password once, and then the command says that it has begun. So the password never reaches the command,
/// nor what the command reads the password prompt. Prompt and mark are no secrets: they stand in sudo's arguments, for everybody on that machine to see.
/// </summary>
internal sealed class SudoDialogue(SSHSudo sudo)
{
    private readonly byte[] _prompt = NewMark();
    private readonly byte[] _begun = NewMark();
    private readonly TaskCompletionSource _hasBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasAnswered;

    /// <summary>Done when the command itself runs, or never will.</summary>
    public Task HasBegun => _hasBegun.Task;

    /// <summary>The command with sudo around it.</summary>
    public string Wrap(string command)
    {
        var announced = $"printf %s {Encoding.ASCII.GetString(_begun)} >&2\n{command}";
        return $"sudo -S -p {Encoding.ASCII.GetString(_prompt)} -u {ShellText.Quote(sudo.User)} -- /bin/sh -c {ShellText.Quote(announced)}";
    }

    /// <summary>Reads standard error to its end: answers the prompt, takes the marks out, collects the rest.</summary>
    /// <returns>False where there is more than the limit.</returns>
    public async Task<bool> ReadAsync(SSHProcess process, CappedOutput output, CancellationToken cancellationToken)
    {
        var pending = new List<byte>();
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var count = await process.StandardError.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                    return output.Add(pending.ToArray());
                pending.AddRange(buffer.AsSpan(0, count));
                if (Take(pending, _begun))
                    _hasBegun.TrySetResult();
                // Whoever can list that machine's processes knows the prompt, the command included: it asks for nothing.
                if (!HasBegun.IsCompleted && Take(pending, _prompt))
                    await AnswerAsync(process, cancellationToken).ConfigureAwait(false);
                // What may be the beginning of a mark waits for the rest.
                var sure = HasBegun.IsCompleted ? pending.Count : Math.Max(0, pending.Count - _prompt.Length + 1);
                if (!output.Add(pending.GetRange(0, sure).ToArray()))
                    return false;
                pending.RemoveRange(0, sure);
            }
        }
        finally
        {
            _hasBegun.TrySetResult();
        }
    }

    private async Task AnswerAsync(SSHProcess process, CancellationToken cancellationToken)
    {
        if (sudo.Password is not { } password || _hasAnswered)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.SshAuthentication,
                Message = _hasAnswered ? "sudo refused the password." : "sudo asks for a password, and there is none for it (SSHSudo.Password).",
                Phase = NetworkPhase.Authenticate,
                WasSent = WasSent.Yes,
            }.ToException();
        }
        _hasAnswered = true;
        var line = Encoding.UTF8.GetBytes(password + "\n");
        try
        {
            await process.StandardInput.WriteAsync(line, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(line);
        }
    }

    private static bool Take(List<byte> pending, byte[] mark)
    {
        var at = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pending).IndexOf(mark);
        if (at >= 0)
            pending.RemoveRange(at, mark.Length);
        return at >= 0;
    }

    private static byte[] NewMark() => Encoding.ASCII.GetBytes("codonet-" + RandomNumberGenerator.GetHexString(24, lowercase: true));
}
