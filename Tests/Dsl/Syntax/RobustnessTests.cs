using System.Text;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Tests.Syntax;

public sealed class RobustnessTests
{
    private const int MutatedScripts = 100_000;
    private const int MostLooks = 30;

    private static readonly string[] Seeds =
    [
        "strip_unused_nodes(type=float, shape=\"1,299,299,3\")\n  remove_nodes(op=Identity, op=CheckNumerics)\n  fold_constants(ignore_errors=true)",
        "foo(a=“x,y”, b='1', c=\"it\\\"s\") # comment\nplugin::bar(,a=1\"' b=2)baz",
        "# head\r\nfoo(\n    a=1, # one\n    b=-1.5e-3)\n\n# tail",
        "quantize_nodes(input_min=0, input_max=\"1e+5\") sort_by_execution_order",
    ];

    private static readonly string[] Insertions = ["(", ")", ",", "=", "\"", "'", "“", "”", "‘", "\\", "#", "\n", "\r", " ", "\0", ":", "::", "a", "1", ";", "é", "\uD83D", "\uDE00", "\u00A0", "[1,2]", "a=1,2,3"];

    [Fact]
    public void SurvivesMutatedScripts()
    {
        var random = new Random(20_170_301);
        for (int round = 0; round < MutatedScripts; round++)
            AssertOutcome(Mutate(Seeds[round % Seeds.Length], random));
    }

    [Fact]
    public void SurvivesArbitraryText()
    {
        var random = new Random(7);
        char[] characters = new char[200];
        for (int round = 0; round < 2_000; round++)
        {
            for (int index = 0; index < characters.Length; index++)
                characters[index] = (char)random.Next(round % 2 == 0 ? 128 : 65_536);
            AssertOutcome(new string(characters, 0, random.Next(characters.Length)));
        }
    }

    [Theory]
    [InlineData("foo(a=1)\n")]
    [InlineData("foo ")]
    [InlineData("#\n")]
    [InlineData("\n")]
    [InlineData("p::f")]
    [InlineData("foo(a=\"x\\\"\")")]
    public void ReadsAMegabyteInLinearTime(string unit)
    {
        string text = string.Concat(Enumerable.Repeat(unit, ScriptParser.MaximumBytes / unit.Length));
        AssertOutcome(text);
        AssertLinear(text);
    }

    [Theory]
    [InlineData("foo(", "a=1,", "a=1)")]
    [InlineData("foo(", "a=1,", "")]
    [InlineData("foo(a=\"", "\\\\", "")]
    [InlineData("foo(a=\"", "\\\"", "\")")]
    [InlineData("", "(", "")]
    [InlineData("", "foo(", "")]
    [InlineData("", "a.", "")]
    [InlineData("foo(a=", "1,", "2)")]
    [InlineData("foo(a=1", " ", ",b=1)")]
    public void ReadsALongCallInLinearTime(string start, string unit, string end)
    {
        string text = start + string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length)) + end;
        AssertOutcome(text);
        AssertLinear(text);
    }

    [Fact]
    public void RefusesScriptsOverAMegabyte()
    {
        Assert.NotNull(ScriptParser.Parse(new string(' ', ScriptParser.MaximumBytes)).Script);
        foreach (string text in new[] { new string(' ', ScriptParser.MaximumBytes + 1), "#" + new string('é', ScriptParser.MaximumBytes / 2) })
            Assert.Equal(DslDiagnostics.ScriptTooLarge.Id, Assert.Single(ScriptParser.Parse(text).Diagnostics).Id);
    }

    /// <summary>Each character is looked at a limited number of times, by the tokens that may begin before it; so the work grows with the length.</summary>
    private static void AssertLinear(string text)
    {
        var work = new ReadingWork();
        ScriptParser.Parse(text, work);
        Assert.InRange(work.Characters, 1, MostLooks * (long)text.Length);
    }

    private static void AssertOutcome(string text)
    {
        var result = ScriptParser.Parse(text);
        int errors = result.Diagnostics.Count(diagnostic => diagnostic.Severity == Severity.Error);

        Assert.Equal(result.Script is null ? 1 : 0, errors);
        foreach (var diagnostic in result.Diagnostics)
        {
            Assert.InRange(diagnostic.Span!.Value.End, 0, text.Length);
            Assert.NotEmpty(DiagnosticRenderer.Render(diagnostic, text, null));
        }

        if (result.Script is { } script && text.Length < 10_000)
            Assert.Equal(script, ScriptParser.Parse(ScriptFormatter.Format(script)).Script);
    }

    private static string Mutate(string seed, Random random)
    {
        var text = new StringBuilder(seed);
        int edits = random.Next(1, 4);
        for (int edit = 0; edit < edits && text.Length > 0; edit++)
        {
            int place = random.Next(text.Length);
            switch (random.Next(4))
            {
                case 0:
                    text.Insert(place, Insertions[random.Next(Insertions.Length)]);
                    break;
                case 1:
                    text.Remove(place, Math.Min(random.Next(1, 4), text.Length - place));
                    break;
                case 2:
                    text[place] = (char)random.Next(random.Next(2) == 0 ? 128 : 65_536);
                    break;
                default:
                    text.Length = place;
                    break;
            }
        }

        return text.ToString();
    }
}
