using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Llm.Internal;

namespace Codomyrmex.Networking.Llm;

/// <summary>
/// An answer of a language model as it comes: the sequence of its pieces, and put together in <see cref="Answer"/>. The request is the caller's own, in the service's form; the client's rules hold for it.
/// </summary>
/// <remarks>
/// <para>
/// Until the first token has come, the rules for retries hold, also for an error that the service reports in an event of a 200: POST needs an <c>Idempotency-Key</c> for that
/// (<see cref="HTTPProfiles.Llm"/> brings one). What goes wrong before it is thrown as from any call. From then on nothing is sent again: what goes wrong is a <see cref="ModelStreamException"/> with what
/// has come.
/// </para>
/// <para>
/// <see cref="Timeouts.Idle"/> holds between two arrivals, pings included; <see cref="Timeouts.Total"/> spans the whole. Leaving the loop, or cancelling, closes the connection, and with it what the
/// service would go on to make and charge for. An answer has at most 16 Mi characters. A loop asks once; another loop over the same stream asks anew. One loop at a time.
/// </para>
/// </remarks>
/// <param name="client">Who sends it.</param>
/// <param name="request">The request; it must ask the service for a stream, and should ask it to count the tokens (OpenAI: <c>stream_options.include_usage</c>).</param>
/// <param name="options">The format, and what it may cost.</param>
public sealed class ModelStream(HTTPClient client, Request request, ModelStreamOptions options) : IAsyncEnumerable<ModelDelta>
{
    private readonly HTTPClient _client = client ?? throw new ArgumentNullException(nameof(client));
    private readonly Request _request = request ?? throw new ArgumentNullException(nameof(request));
    private readonly ModelStreamOptions _options = Checked(options);
    private AnswerReading? _reading;

    /// <summary>What has come so far; the whole answer when the loop has ended.</summary>
    public ModelAnswer Answer => _reading?.Answer ?? ModelAnswer.Nothing;

    /// <summary>Sends the request and gives out the pieces as they come.</summary>
    /// <param name="cancellationToken">Cancels the call and the stream.</param>
    /// <exception cref="ModelStreamException">The answer had begun and did not come to its end, the service reported an error, or a budget is spent.</exception>
    /// <exception cref="NetworkException">The call failed before the first token.</exception>
    public IAsyncEnumerator<ModelDelta> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var reading = _reading = new AnswerReading(_client, _request, _options);
        return ReadAsync(reading, cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>Reads the stream to its end.</summary>
    /// <param name="cancellationToken">Cancels the call and the stream.</param>
    /// <returns>The whole answer.</returns>
    /// <inheritdoc cref="GetAsyncEnumerator"/>
    public async Task<ModelAnswer> ReadToEndAsync(CancellationToken cancellationToken = default)
    {
        var reading = _reading = new AnswerReading(_client, _request, _options);
        await using (reading.ConfigureAwait(false))
        {
            while (await reading.MoveAsync(cancellationToken).ConfigureAwait(false))
                reading.Deltas.Clear();
        }
        return reading.Answer;
    }

    private static async IAsyncEnumerable<ModelDelta> ReadAsync(AnswerReading reading, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using (reading.ConfigureAwait(false))
        {
            while (await reading.MoveAsync(cancellationToken).ConfigureAwait(false))
            {
                while (reading.Deltas.TryDequeue(out var delta))
                    yield return delta;
            }
        }
    }

    private static ModelStreamOptions Checked(ModelStreamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }
}
