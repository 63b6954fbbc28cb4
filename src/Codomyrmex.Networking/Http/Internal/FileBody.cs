using System.Security.Cryptography;
using Codomyrmex.Networking.Transfers;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A file to upload: hashed as it is sent, watched for a peer that stops taking it, and for changes between attempts.</summary>
internal sealed class FileBody : RequestBody
{
    private const int BufferSize = 128 * 1024;

    private readonly string _path;
    private readonly UploadOptions _options;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _clock;
    private readonly DateTime _writtenAt;

    public FileBody(string path, UploadOptions options, TimeSpan idle, TimeProvider clock)
    {
        FieldRules.CheckValue("Content-Type", options.ContentType);
        (_path, _options, _idle, _clock) = (path, options, idle, clock);
        var file = new FileInfo(path);
        if (!file.Exists)
            throw TransferFailure.Local($"There is no file '{path}' to upload.");
        (Size, _writtenAt) = (file.Length, file.LastWriteTimeUtc);
    }

    public long Size { get; }

    /// <summary>The hash of what the last attempt sent; null before one was complete.</summary>
    public byte[]? Sha256 { get; private set; }

    public override string? ContentType => _options.ContentType;

    public override long? Length => Size;

    /// <summary>Reads the file once, for a hash that goes before it.</summary>
    public async Task<byte[]> HashAsync(CancellationToken cancellationToken)
    {
        var file = Open();
        await using (file.ConfigureAwait(false))
            return await Local(() => SHA256.HashDataAsync(file, cancellationToken)).ConfigureAwait(false);
    }

    public override async ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken)
    {
        var progress = new ProgressMeter(_options.Progress, _options.ProgressInterval, _clock);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Not a pooled buffer: a write that is given up may go on reading it.
        var buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
        var file = Open();
        await using (file.ConfigureAwait(false))
        {
            long sent = 0;
            while (await Local(() => file.ReadAsync(buffer, cancellationToken)).ConfigureAwait(false) is > 0 and var count)
            {
                sent += count;
                if (sent > Size)
                    break;
                await SendAsync(destination, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                hash.AppendData(buffer, 0, count);
                progress.Report(sent, Size);
            }
            if (sent != Size)
                throw Changed();
            Sha256 = hash.GetCurrentHash();
            progress.Finish(sent, Size);
        }
    }

    // The platform's engine does not look at the token of a write.
    private async ValueTask SendAsync(Stream destination, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        var pending = destination.WriteAsync(block, cancellationToken);
        try
        {
            if (pending.IsCompleted)
                await pending.ConfigureAwait(false);
            else
                await pending.AsTask().WaitAsync(_idle, _clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.TimeoutIdle,
                Message = $"The peer took nothing of '{_path}' for {_idle.TotalSeconds:0.###} s in the middle of the upload.",
                Phase = NetworkPhase.Send,
                WasSent = WasSent.Maybe,
            }.ToException();
        }
    }

    private FileStream Open()
    {
        try
        {
            var file = new FileStream(_path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan, BufferSize = 0 });
            if (file.Length == Size && System.IO.File.GetLastWriteTimeUtc(file.SafeFileHandle) == _writtenAt)
                return file;
            file.Dispose();
            throw Changed();
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            throw TransferFailure.Local($"'{_path}' could not be read: {error.Message}", error);
        }
    }

    private NetworkException Changed() => TransferFailure.Local($"'{_path}' changed while it was uploaded.");

    // A failing disk must not look like a failing network: it would be retried.
    private async ValueTask<T> Local<T>(Func<ValueTask<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            throw TransferFailure.Local($"'{_path}' could not be read: {error.Message}", error);
        }
    }
}
