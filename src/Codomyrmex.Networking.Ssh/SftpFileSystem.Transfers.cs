using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Transfers;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Ssh;

public sealed partial class SftpFileSystem
{
    /// <inheritdoc cref="SSHClient.UploadAsync"/>
    public Task<SftpTransferResult> UploadAsync(string localPath, string remotePath, SftpTransferOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(localPath);
        Checked(remotePath);
        options ??= SftpTransferOptions.Default;
        options.Validate();
        return TransferAsync("SFTP upload", options, async token =>
        {
            var target = remotePath;
            if (target.EndsWith('/') || await FindAsync(target, cancellationToken: token).ConfigureAwait(false) is { Kind: SftpFileKind.Directory })
                target = RemotePath.Join(target, Path.GetFileName(localPath));
            return await SftpUpload.RunAsync(this, localPath, target, options, token).ConfigureAwait(false);
        }, cancellationToken);
    }

    /// <inheritdoc cref="SSHClient.DownloadAsync"/>
    public Task<SftpTransferResult> DownloadAsync(string remotePath, string localPath, SftpTransferOptions? options = null, CancellationToken cancellationToken = default)
    {
        Checked(remotePath);
        ArgumentException.ThrowIfNullOrEmpty(localPath);
        options ??= SftpTransferOptions.Default;
        options.Validate();
        return TransferAsync("SFTP download", options, token => FetchAsync(remotePath, localPath, options, token), cancellationToken);
    }

    private async Task<SftpTransferResult> FetchAsync(string remotePath, string localPath, SftpTransferOptions options, CancellationToken cancellationToken)
    {
        var remote = new SftpRemoteFile(Client, remotePath, Deadline.After(options.Total, Client.Options.Clock), new RetryBudget(Client.Options.Retry));
        var expected = options.Verify ? await HashAsync(remotePath, cancellationToken).ConfigureAwait(false) : null;
        var result = await Download.RunAsync(remote, localPath, new DownloadOptions
        {
            Overwrite = options.Overwrite,
            Resume = options.Resume,
            KeepPartial = options.KeepPartial,
            Sha256 = expected,
            ComputeSha256 = options.Verify,
            Progress = options.Progress,
            ProgressInterval = options.ProgressInterval,
        }, cancellationToken).ConfigureAwait(false);
        if (options.PreserveTimes && remote.Attributes?.Modified is { } modified)
            File.SetLastWriteTimeUtc(result.Path, modified.UtcDateTime);
        return new SftpTransferResult
        {
            LocalPath = result.Path,
            RemotePath = remotePath,
            Bytes = result.Bytes,
            Sha256 = result.Sha256,
            ResumedFrom = result.ResumedFrom,
            Elapsed = result.Elapsed,
        };
    }

    private async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        var file = await OpenAsync(path, SftpOpenMode.Read, null, cancellationToken).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
            return await RemoteHash.ComputeAsync(this, path, file, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A transfer as a call: told to telemetry, within its total time.</summary>
    private async Task<T> TransferAsync<T>(string name, SftpTransferOptions options, Func<CancellationToken, Task<T>> transfer, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(options.Total, Client.Options.Clock);
        return await Client.CallAsync(name, Client.Options.Clock.GetTimestamp(), async token =>
        {
            using var all = CancellationTokenSource.CreateLinkedTokenSource(token, timer.Token);
            try
            {
                return await transfer(all.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new NetworkFailure
                {
                    Code = ErrorCodes.TimeoutTotal,
                    Message = $"A transfer with {Endpoint} took longer than {options.Total.TotalSeconds:0.###} s.",
                    Phase = NetworkPhase.Receive,
                    Endpoint = Endpoint,
                    WasSent = WasSent.Yes,
                }.ToException();
            }
        }, static result => result is SftpTransferResult one ? ("ssh.transfer.bytes", one.Bytes) : ("ssh.transfer.bytes", null), cancellationToken).ConfigureAwait(false);
    }
}
