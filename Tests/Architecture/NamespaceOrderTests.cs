using System.Text.RegularExpressions;

namespace TransformFramework.Architecture.Tests;

/// <summary>Within an assembly a folder sees only the folders before it in the table of docs/architecture.md.</summary>
public sealed partial class NamespaceOrderTests
{
    private static readonly Dictionary<string, string[]> Orders =
        Repository.Table("order of its folders").ToDictionary(row => row[0], row => row[1].Split(',', StringSplitOptions.TrimEntries), StringComparer.Ordinal);

    public static TheoryData<string, string> Folders
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var (assembly, order) in Orders)
            {
                foreach (string folder in order)
                    rows.Add(assembly, folder);
            }
            return rows;
        }
    }

    public static TheoryData<string> Assemblies => [.. Orders.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_table_lists_every_folder(string assembly)
    {
        var folders = Repository.Sources(assembly).Where(file => file.Contains('/', StringComparison.Ordinal)).Select(file => file.Split('/')[0]).Distinct(StringComparer.Ordinal);

        Assert.Equal(folders.Order(StringComparer.Ordinal), Orders[assembly].Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_namespace_is_named_after_its_folder(string assembly)
    {
        string root = RootNamespace(assembly);

        Assert.DoesNotContain(Repository.Sources(assembly), file =>
        {
            string expected = $"{root}.{Path.GetDirectoryName(file)!.Replace('/', '.')}".TrimEnd('.');
            return NamespaceDeclaration().Match(Text(assembly, file)) is { Success: true } match && match.Groups[1].Value != expected;
        });
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_sees_only_those_before_it(string assembly, string folder)
    {
        string root = RootNamespace(assembly);
        string[] later = [.. Orders[assembly].SkipWhile(name => name != folder).Skip(1)];
        var laterTypes = later.ToDictionary(name => name, name => Repository.Sources($"{assembly}/{name}").Select(Path.GetFileNameWithoutExtension).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var violations = new List<string>();
        foreach (string file in Repository.Sources($"{assembly}/{folder}"))
        {
            string text = Text($"{assembly}/{folder}", file);
            violations.AddRange(later.Where(name => Regex.IsMatch(text, $@"\b{Regex.Escape(root)}\.{name}\b")).Select(name => $"{file} uses {name}"));
            violations.AddRange(QualifiedName().Matches(text)
                .Where(match => laterTypes.TryGetValue(match.Groups[1].Value, out var types) && types.Contains(match.Groups[2].Value))
                .Select(match => $"{file} uses {match.Value}"));
        }

        Assert.Empty(violations);
    }

    /// <summary>The namespace of the assembly's own folder, from the first file of a folder in it.</summary>
    private static string RootNamespace(string assembly)
    {
        string file = Repository.Sources(assembly).First(name => name.Contains('/', StringComparison.Ordinal));
        string declared = NamespaceDeclaration().Match(Text(assembly, file)).Groups[1].Value;
        return declared[..^(Path.GetDirectoryName(file)!.Length + 1)];
    }

    private static string Text(string folder, string file) => File.ReadAllText(Path.Combine(Repository.Root, folder, file));

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline, 1000)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"(?<![\w.])(\w+)\.(\w+)", RegexOptions.None, 1000)]
    private static partial Regex QualifiedName();
}
