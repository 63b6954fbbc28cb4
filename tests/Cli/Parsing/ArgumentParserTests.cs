using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Tests.Cli.Parsing;

public class ArgumentParserTests
{
    private static readonly Option Flag = new("--flag", null, "") { Short = "-f" };
    private static readonly Option Value = new("--value", "V", "") { Short = "-o" };
    private static readonly Option Many = new("--many", "M", "") { IsRepeatable = true };
    private static readonly OptionGroup[] Groups = [new("", [Flag, Value, Many])];

    [Theory]
    [InlineData("--value", "x", "a", "b")]
    [InlineData("a", "--value", "x", "b")]
    [InlineData("a", "b", "-o", "x")]
    [InlineData("a", "--value=x", "b")]
    public void Options_stand_anywhere(params string[] arguments)
    {
        var parsed = ArgumentParser.Parse(arguments, Groups);
        Assert.Equal(["a", "b"], parsed.Positionals);
        Assert.Equal("x", parsed.Text(Value));
        Assert.False(parsed.Has(Flag));
    }

    [Fact]
    public void Two_dashes_end_the_options()
    {
        var parsed = ArgumentParser.Parse(["-f", "--", "--value", "--"], Groups);
        Assert.True(parsed.Has(Flag));
        Assert.Equal(["--value", "--"], parsed.Positionals);
    }

    [Fact]
    public void A_value_may_look_like_an_option_or_hold_an_equals_sign()
    {
        Assert.Equal("--flag", ArgumentParser.Parse(["--value", "--flag"], Groups).Text(Value));
        Assert.Equal("a=b", ArgumentParser.Parse(["--value=a=b"], Groups).Text(Value));
        Assert.Equal("", ArgumentParser.Parse(["--value="], Groups).Text(Value));
    }

    [Fact]
    public void A_lone_dash_is_a_positional() => Assert.Equal(["-"], ArgumentParser.Parse(["-"], Groups).Positionals);

    [Fact]
    public void A_repeatable_option_keeps_every_value_in_order() =>
        Assert.Equal(["1", "2"], ArgumentParser.Parse(["--many", "1", "--many=2"], Groups).All(Many));

    [Theory]
    [InlineData("--flagg", "did you mean --flag?", "--flagg")]
    [InlineData("--val", "did you mean --value?", "--val")]
    [InlineData("--quite-other", "Unknown option --quite-other.", "--quite-other")]
    [InlineData("--value", "--value needs a value: --value V.", "--value")]
    [InlineData("--flag=x", "--flag takes no value", "--flag")]
    public void What_is_wrong_is_named(string argument, string message, string named)
    {
        var error = Assert.Throws<UsageException>(() => ArgumentParser.Parse([argument], Groups));
        Assert.Contains(message, error.Message);
        Assert.Equal(named, error.Argument);
    }

    [Fact]
    public void A_value_given_twice_is_refused() =>
        Assert.Contains("twice", Assert.Throws<UsageException>(() => ArgumentParser.Parse(["-o", "1", "--value=2"], Groups)).Message);
}
