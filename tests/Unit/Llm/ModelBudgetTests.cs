using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Llm;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Http;

namespace Codomyrmex.Networking.Tests.Unit.Llm;

/// <summary>Budgets of tokens and cost, by the operator's prices.</summary>
public class ModelBudgetTests
{
    private static readonly ModelPrices Prices = new() { InputPerMillion = 1_000_000m, OutputPerMillion = 2_000_000m, CachedInputPerMillion = 100_000m };

    public static TheoryData<ModelFormat> Formats => ModelStreamTests.Formats;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Formats))]
    public async Task Token_budget_stops_the_stream_and_says_so(ModelFormat format)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text([.. Enumerable.Repeat("word ", 1000)]));
        using var client = new HTTPClient(RawAnswer.Options);
        var budget = new ModelBudget(tokens: 10);
        var stream = new ModelStream(client, ModelStreamTests.Question(server, format, "a b c"), new ModelStreamOptions { Format = format, Budget = budget, InputTokens = 3, CountTokens = _ => 1 });
        var error = await Assert.ThrowsAsync<ModelStreamException>(() => stream.ReadToEndAsync(Stop));
        Assert.Equal((ErrorCodes.ModelBudgetTokens, false, WasSent.Yes), (error.Code, error.IsTransient, error.WasSent));
        Assert.Contains("10 tokens", error.Message);
        // Three of the question and eight of the answer are one more than allowed.
        Assert.Equal((8, 11), (error.Partial.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, budget.TokensUsed));
        Assert.True(error.Partial.IsUsageEstimated);

        var next = await Assert.ThrowsAsync<ModelStreamException>(() => ModelStreamTests.Ask(client, server, format, budget).ReadToEndAsync(Stop));
        Assert.Equal((ErrorCodes.ModelBudgetTokens, WasSent.Never), (next.Code, next.WasSent));
        Assert.Single(server.Requests);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Cost_budget_counts_by_the_operators_prices_and_stops_the_stream(ModelFormat format)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("one ", "two ", "three ", "four "));
        using var client = new HTTPClient(RawAnswer.Options);
        var budget = new ModelBudget(cost: 8m, prices: Prices);
        var options = new ModelStreamOptions { Format = format, Budget = budget, InputTokens = 3, CountTokens = _ => 1 };
        var error = await Assert.ThrowsAsync<ModelStreamException>(() => new ModelStream(client, ModelStreamTests.Question(server, format, "a b c"), options).ReadToEndAsync(Stop));
        Assert.Equal((ErrorCodes.ModelBudgetCost, "one two three ", 9m), (error.Code, error.Partial.Text, budget.CostUsed));
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Count_of_the_service_takes_the_place_of_the_estimate_and_a_whole_answer_is_kept(ModelFormat format)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("one ", "two "));
        using var client = new HTTPClient(RawAnswer.Options);
        var budget = new ModelBudget(tokens: 4, prices: Prices);
        // The estimate sees nothing coming.
        var options = new ModelStreamOptions { Format = format, Budget = budget, InputTokens = 0, CountTokens = _ => 0 };
        var answer = await new ModelStream(client, ModelStreamTests.Question(server, format, "a b c"), options).ReadToEndAsync(Stop);
        Assert.Equal(("one two ", new ModelUsage(3, 2), 5, 7m), (answer.Text, answer.Usage, budget.TokensUsed, budget.CostUsed));
        Assert.Contains("tokens 5/4", budget.ToString());
    }

    [Fact]
    public async Task Streams_at_the_same_time_share_one_budget()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text([.. Enumerable.Repeat("word ", 200)]));
        using var client = new HTTPClient(RawAnswer.Options);
        var budget = new ModelBudget(tokens: 300);
        var options = new ModelStreamOptions { Format = ModelFormat.OpenAI, Budget = budget, InputTokens = 0, CountTokens = _ => 1 };
        var stopped = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), Stop, async (_, stop) =>
        {
            try
            {
                await new ModelStream(client, ModelStreamTests.Question(server, ModelFormat.OpenAI, "x"), options).ReadToEndAsync(stop);
            }
            catch (ModelStreamException error) when (error.Code == ErrorCodes.ModelBudgetTokens)
            {
                Interlocked.Increment(ref stopped);
            }
        });
        Assert.InRange(stopped, 6, 8);
        // Each of the eight may have been one event too far.
        Assert.InRange(budget.TokensUsed, 300, 310);
    }

    [Fact]
    public void Cached_input_has_a_price_of_its_own()
    {
        Assert.Equal(0.9m + 2m, Prices.CostOf(new ModelUsage(10, 1) { CachedInputTokens = 9 }) - 1m + 0m);
        Assert.Equal(12m, (Prices with { CachedInputPerMillion = null }).CostOf(new ModelUsage(10, 1) { CachedInputTokens = 9 }));
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        Assert.Equal("prices", Assert.Throws<ArgumentException>(() => new ModelBudget(cost: 1)).ParamName);
        Assert.Equal("tokens", Assert.Throws<ArgumentOutOfRangeException>(() => new ModelBudget(tokens: -1)).ParamName);
        Assert.Equal("ModelPrices.InputPerMillion", Assert.Throws<ArgumentOutOfRangeException>(() => new ModelBudget(prices: new ModelPrices { InputPerMillion = -1 })).ParamName);
        using var client = new HTTPClient();
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelStream(client, new Request("POST", "http://x/"), new ModelStreamOptions { Format = (ModelFormat)9 }));
    }
}
