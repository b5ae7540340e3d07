using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Tests;

public sealed class DiagnosticRendererTests
{
    [Fact]
    public void ShowsPlaceLineCaretAndNextStep() => AssertRendering(
        "fold_constants\nfoo(a = 1)\n",
        """
        error TFX0003: expected '=', but found a blank
          at script.gtt:2:6
          2 | foo(a = 1)
            |      ^
          help: Remove the blank before the '=': nothing belongs between name, '=' and value.
        """);

    [Fact]
    public void KeepsTabsUnderTabs() => AssertRendering(
        "\tfoo,",
        "error TFX0001: expected a transform name, but found ','\n  at script.gtt:1:5\n  1 | \tfoo,\n    | \t   ^\n  help: Remove the ',': a blank or a newline separates transforms.");

    [Theory]
    [InlineData("foo(a=\"e\",)", 10)]
    [InlineData("foo(a=\"\U0001F600\",)", 11)]
    [InlineData("foo(a=\"\u4E2D\",)", 11)]
    [InlineData("foo(a=\"e\u0301\",)", 10)]
    public void PadsAsWideAsTheText(string script, int cells) =>
        Assert.Contains($"    | {new string(' ', cells)}^\n", Render(script), StringComparison.Ordinal);

    [Fact]
    public void ShowsTheEndOfTheScript() => Assert.Contains("  1 | foo(a=1\n    |        ^\n", Render("foo(a=1"), StringComparison.Ordinal);

    [Fact]
    public void CutsLongLinesAroundThePlace()
    {
        string[] lines = Render($"foo(a={new string('x', 500)},,b={new string('y', 500)})").Split('\n');

        Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
        Assert.Equal(',', lines[2][lines[3].IndexOf('^', StringComparison.Ordinal)]);
        Assert.Contains("…xxx", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("yyy…", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void ShowsControlCharactersAsSymbols()
    {
        string shown = Render("foo\u001b[2J\0\u009b;");

        Assert.DoesNotContain(shown, character => char.IsControl(character) && character != '\n');
        Assert.Contains("foo␛[2J␀", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void ShowsADiagnosticWithoutAPlace()
    {
        var diagnostic = Diagnostic.Error("TFX2001", "no shape") with { Node = "conv1", Suggestion = "Give it one." };

        Assert.Equal("error TFX2001: no shape\n  node: conv1\n  help: Give it one.", DiagnosticRenderer.Render(diagnostic, null, null));
    }

    [Fact]
    public void UnderlinesTheWholePlace()
    {
        var span = ScriptParser.Parse("foo(a=\"1,2\")").Script!.Calls[0].Arguments[0].ValueSpan;

        string shown = DiagnosticRenderer.Render(Diagnostic.Error("TFX1004", "bad") with { Span = span }, "foo(a=\"1,2\")", null);

        Assert.EndsWith("  at script:1:7\n  1 | foo(a=\"1,2\")\n    |       ^^^^^", shown, StringComparison.Ordinal);
    }

    private static void AssertRendering(string script, string expected) => Assert.Equal(expected, Render(script));

    private static string Render(string script) => DiagnosticRenderer.Render(ScriptParser.Parse(script).Diagnostics.Single(), script, "script.gtt");
}
