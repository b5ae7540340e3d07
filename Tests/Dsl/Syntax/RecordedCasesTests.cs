using System.Text.Json;
using TransformFramework.Dsl.Binding;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Tests.Syntax;

/// <summary>Scripts that the original tool was given, and what it said.</summary>
public sealed class RecordedCasesTests
{
    private const string SyntaxError = "InvalidArgumentError: Looking for ";
    private const string IgnoreErrorsError = "InvalidArgumentError: ignore_errors should be";

    /// <summary>The cases whose outcome differs on purpose: what is reported here, or null for success, and why.</summary>
    private static readonly Dictionary<string, (string? Id, string Reason)> Differences = new(StringComparer.Ordinal)
    {
        ["comment"] = (null, "comments are an extension"),
        ["value_typographic"] = (null, "typographic quotes are an extension"),
        ["unclosed_open"] = ("TFX0006", "the original drops the call silently"),
        ["unclosed_eq"] = ("TFX0006", "the original drops the call silently"),
        ["unclosed_value"] = ("TFX0006", "the original drops the call silently"),
        ["unclosed_quoted_value"] = ("TFX0006", "the original drops the call silently"),
        ["dropped_invalid_graph"] = ("TFX0006", "the original drops the call silently"),
        ["parse_error_after_good"] = ("TFX0006", "the original drops the call silently"),
        ["syntax_error_late"] = ("TFX0006", "the original drops the call silently"),
    };

    public static TheoryData<string, string, string?> Cases
    {
        get
        {
            var data = new TheoryData<string, string, string?>();
            using var stream = typeof(RecordedCasesTests).Assembly.GetManifestResourceStream("grammar.jsonl")!;
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is { } line)
            {
                using var json = JsonDocument.Parse(line);
                string? error = json.RootElement.TryGetProperty("error", out var message) ? message.GetString() : null;
                data.Add(json.RootElement.GetProperty("name").GetString()!, json.RootElement.GetProperty("script").GetString()!, error);
            }

            return data;
        }
    }

    [Fact]
    public void CoversEveryRecordedCase()
    {
        Assert.Equal(153, Cases.Count);
        Assert.Empty(Differences.Keys.Except(Cases.Select(row => (string)row[0])));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AgreesWithTheOriginal(string name, string script, string? recordedError)
    {
        var result = ScriptParser.Parse(script);

        if (Differences.TryGetValue(name, out var difference))
            AssertDifference(result, difference.Id, wasSyntaxError: recordedError?.StartsWith(SyntaxError, StringComparison.Ordinal) ?? false);
        else if (recordedError?.StartsWith(SyntaxError, StringComparison.Ordinal) ?? false)
            AssertSyntaxError(result, script, recordedError);
        else
            AssertScript(result, recordedError);
    }

    private static void AssertDifference(ParseResult result, string? id, bool wasSyntaxError)
    {
        Assert.Equal(id is null, result.Script is not null);
        Assert.Equal(id is null, wasSyntaxError);
        if (id is not null)
            Assert.Equal(id, Assert.Single(result.Diagnostics).Id);
    }

    private static void AssertSyntaxError(ParseResult result, string script, string recordedError)
    {
        Assert.Null(result.Script);
        var error = Assert.Single(result.Diagnostics);
        Assert.StartsWith("TFX0", error.Id, StringComparison.Ordinal);
        if (script.Contains('\0', StringComparison.Ordinal))
            return;

        string rest = recordedError[(recordedError.IndexOf("but found ", StringComparison.Ordinal) + "but found ".Length)..];
        int contentOfQuote = error.Id == DslDiagnostics.UnclosedQuote.Id ? 1 : 0;
        Assert.Equal(rest, script[(error.Span!.Value.Start + contentOfQuote)..]);
    }

    private static void AssertScript(ParseResult result, string? recordedError)
    {
        Assert.NotNull(result.Script);
        var errors = result.Script.Calls.Select(call => IgnoreErrors.Read(call).Error).OfType<Diagnostics.Diagnostic>().ToArray();
        if (recordedError?.StartsWith(IgnoreErrorsError, StringComparison.Ordinal) ?? false)
            Assert.Equal(recordedError, "InvalidArgumentError: " + Assert.Single(errors).Message);
        else if (recordedError?.Contains("not recognized", StringComparison.Ordinal) != true)
            Assert.Empty(errors);
    }
}
