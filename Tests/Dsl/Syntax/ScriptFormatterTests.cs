using CsCheck;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Tests.Syntax;

public sealed class ScriptFormatterTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData(" \n ", "")]
    [InlineData("foo() bar", "foo\nbar\n")]
    [InlineData("foo(,a=\"1\"b=2)", "foo(a=1, b=2)\n")]
    [InlineData("foo(a=1,\n b=\"1,2\"')", "foo(a=1, b=\"1,2\")\n")]
    [InlineData("p::foo(a=“x”)", "p::foo(a=x)\n")]
    [InlineData("\n\n# head\n\n\n\nfoo # after\n# own\nbar\n\n# tail", "# head\n\nfoo # after\n# own\nbar\n\n# tail\n")]
    [InlineData("foo( # a\n a=1, # b\n # c\n b=2) # d", "foo( # a\n    a=1, # b\n    # c\n    b=2) # d\n")]
    [InlineData("foo(a=\"x\r\ny\")", "foo(a=\"x\r\ny\")\n")]
    public void WritesTheCanonicalForm(string text, string expected) => Assert.Equal(expected, ScriptFormatter.Format(text));

    [Fact]
    public void BreaksLongCalls()
    {
        string value = new('x', 60);

        Assert.Equal($"foo(\n    a={value},\n    b={value})\n", ScriptFormatter.Format($"foo(a={value},b={value})"));
    }

    [Fact]
    public void GivesNothingForABrokenScript() => Assert.Null(ScriptFormatter.Format("foo("));

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a\\")]
    public void RefusesValuesThatNoScriptCanExpress(string value) => Assert.Throws<ArgumentException>(() => ScriptFormatter.FormatValue(value));

    [Fact]
    public void RoundTrips() => Generators.Text.Sample(
        text =>
        {
            var script = ScriptParser.Parse(text).Script;
            Assert.NotNull(script);
            string formatted = ScriptFormatter.Format(script);
            var again = ScriptParser.Parse(formatted);

            Assert.Empty(again.Diagnostics);
            Assert.Equal(script, again.Script);
            Assert.Equal(ExtensionsTests.AllComments(script), ExtensionsTests.AllComments(again.Script!));
            Assert.Equal(formatted, ScriptFormatter.Format(again.Script!));
        },
        iter: 5_000);
}
