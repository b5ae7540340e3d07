using System.Text.RegularExpressions;

namespace TransformFramework.Architecture.Tests;

/// <summary>One word for one thing: words that the project has given up are in no name of a type, member, variable or test. What replaced them is in <see cref="Replacements"/>.</summary>
public sealed partial class VocabularyTests
{
    private static readonly Dictionary<string, string> Replacements = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Code"] = "quantized value; code is left to machine code, operator codes and exit codes",
        ["Codes"] = "quantized values",
        ["Coded"] = "quantized",
        ["Summand"] = "residual",
        ["Bundle"] = "equalization group; bundle is left to TensorFlow's checkpoints",
        ["Hazard"] = "decline, reason",
        ["Hazards"] = "declines, reasons",
        ["Objection"] = "decline",
        ["Obstacle"] = "decline",
        ["Unfit"] = "mismatch",
        ["Stated"] = "declared, FakeQuant range",
        ["Quad"] = "dot-product group",
        ["Extent"] = "spatial size, dimension, accumulator range",
        ["Extents"] = "dimensions, accumulator ranges",
        ["Picture"] = "image; drawing for a graph that is drawn",
        ["Pictures"] = "images; drawings",
    };

    /// <summary>Identifiers in which an old word is a term of the field.</summary>
    private static readonly HashSet<string> Terms = new(StringComparer.Ordinal)
    {
        "MaxCodes", "ReadCodePoint", "TensorBundle", "BundleEntry", "BundleEntryProto", "MachineCode", "CustomCode", "OperatorCode", "OperatorCodes", "ExitCode", "ExitCodes", "StatusCode", "OnExitCodes",
        "HashCode", "GetHashCode", "ToHashCode", "CodeAnalysis", "ActivityStatusCode", "SetStatusCode", "RetCode", "Code", "LastOldOperatorCode", "ErrorCode", "Encoder", "OpCode", "ControlPictures", "DeletePicture", "HttpStatusCode", "IsSuccessStatusCode", "StatusCodes", "CodeBlockTests",
        "code", "codes", "errorCode", "exitCode", "operatorCode", "operatorCodes", "statusCode", "A_command_judges_by_its_exit_code", "Extents", "ExtentOf", "extents",
    };

    public static TheoryData<string> Folders => ["Abstractions", "Dsl", "Host", "Plugins", "Tests", "examples"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void No_name_has_a_word_that_was_given_up(string folder)
    {
        var found = Repository.Sources(folder)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(file => Identifiers(File.ReadAllText(Path.Combine(Repository.Root, folder, file))).Select(name => (File: file, Name: name)))
            .Where(use => !Terms.Contains(use.Name))
            .SelectMany(use => Words().Matches(use.Name).Select(word => word.Value).Where(Replacements.ContainsKey).Select(word => $"{folder}/{use.File}: {use.Name} ({Replacements[word]})"))
            .Distinct();
        Assert.Empty(found);
    }

    private static IEnumerable<string> Identifiers(string source) => Identifier().Matches(Quiet().Replace(source, "")).Select(match => match.Value).Distinct();

    /// <summary>Comments and texts, in which words are free.</summary>
    [GeneratedRegex("""//[^\n]*|"{3}.*?"{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\]|\\.)+'""", RegexOptions.Singleline)]
    private static partial Regex Quiet();

    [GeneratedRegex(@"\b[A-Za-z_][A-Za-z0-9_]*")]
    private static partial Regex Identifier();

    [GeneratedRegex("[A-Z]?[a-z0-9]+")]
    private static partial Regex Words();
}
