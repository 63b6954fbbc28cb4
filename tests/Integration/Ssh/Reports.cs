namespace Codomyrmex.Networking.Tests.Integration.Ssh;

/// <summary>Hears of progress on the thread that reports it.</summary>
internal sealed class Reports : IProgress<TransferProgress>
{
    public TransferProgress Last { get; private set; }

    public Action? OnReport { get; init; }

    public Action<TransferProgress>? OnValue { get; init; }

    public void Report(TransferProgress value)
    {
        Last = value;
        OnReport?.Invoke();
        OnValue?.Invoke(value);
    }
}
