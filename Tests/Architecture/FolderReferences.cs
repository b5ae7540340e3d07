using System.Text.RegularExpressions;

namespace TransformFramework.Architecture.Tests;

/// <summary>Which folders each source file of a project uses: by its using directives, and by names that begin with a namespace or with a part of one. Doc comments may point anywhere. Namespaces follow folders.</summary>
internal sealed partial class FolderReferences
{
    private readonly string root;
    private readonly Dictionary<string, string> texts;
    private readonly Dictionary<string, string> namespaces;
    private readonly HashSet<string> types;
    private readonly HashSet<string> segments;

    /// <param name="texts">Sources by their paths below the project.</param>
    /// <param name="root">The project's namespace.</param>
    public FolderReferences(Dictionary<string, string> texts, string root)
    {
        this.texts = texts;
        this.root = root;
        namespaces = texts.Keys.Select(FolderOf).Distinct().ToDictionary(NamespaceOf, StringComparer.Ordinal);
        segments = [.. namespaces.Keys.SelectMany(space => space.Split('.'))];
        types = [.. texts.SelectMany(file => TypeDeclaration().Matches(file.Value).Select(match => $"{NamespaceOf(FolderOf(file.Key))}.{match.Groups[1].Value}"))];
    }

    /// <summary>Reads a project's sources.</summary>
    public static FolderReferences Of(string project, string root) =>
        new(Repository.Sources(project).ToDictionary(file => file.Replace('\\', '/'), file => File.ReadAllText(Path.Combine(Repository.Root, project, file)), StringComparer.Ordinal), root);

    /// <summary>Pairs of a file and a folder that it uses, beside the file's own folder.</summary>
    public IEnumerable<(string File, string Folder)> All =>
        texts.SelectMany(file => Used(file.Key, file.Value).Where(folder => folder != FolderOf(file.Key)).Select(folder => (file.Key, folder)));

    /// <summary>For folders beside each other, at any depth, that use each other in a circle: the files that close it. A folder and those inside of it may use each other.</summary>
    public IEnumerable<string> Cycles =>
        from reference in All
        let siblings = Siblings(FolderOf(reference.File), reference.Folder)
        where siblings is not null
        group (siblings.Value.From, siblings.Value.To, reference) by siblings.Value.Parent into level
        let circular = Circular([.. level.Select(edge => (edge.From, edge.To)).Distinct()])
        from edge in level
        where circular.Contains((edge.From, edge.To))
        select $"{edge.reference.File} uses {edge.reference.Folder}";

    private HashSet<string> Used(string file, string text)
    {
        string code = string.Join('\n', text.Split('\n').Where(line => !line.TrimStart().StartsWith("///", StringComparison.Ordinal)));
        string[] names = [.. QualifiedName().Matches(code).Select(match => match.Value).Where(name => segments.Contains(name[..name.IndexOf('.', StringComparison.Ordinal)])).Distinct()];
        IEnumerable<string?> folders = names.Select(namespaces.GetValueOrDefault).Concat(Contexts(file).SelectMany(context => names.Select(name => FolderOfType(context + name))));
        return [.. folders.OfType<string>()];
    }

    /// <summary>What may precede a name: nothing, or the file's namespace or one around it.</summary>
    private IEnumerable<string> Contexts(string file)
    {
        yield return "";
        for (string space = NamespaceOf(FolderOf(file)); space.Length > 0; space = space[..Math.Max(0, space.LastIndexOf('.'))])
            yield return space + ".";
    }

    /// <summary>The folder of the type that a name begins with.</summary>
    private string? FolderOfType(string name)
    {
        for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = name.IndexOf('.', dot + 1))
        {
            int end = name.IndexOf('.', dot + 1);
            if (types.Contains(end < 0 ? name : name[..end]) && namespaces.TryGetValue(name[..dot], out string? folder))
                return folder;
        }
        return null;
    }

    private string NamespaceOf(string folder) => folder.Length == 0 ? root : $"{root}.{folder.Replace('/', '.')}";

    private static string FolderOf(string file) => file[..Math.Max(0, file.LastIndexOf('/'))];

    private static (string Parent, string From, string To)? Siblings(string from, string to)
    {
        string[] fromParts = from.Split('/');
        string[] toParts = to.Split('/');
        int shared = fromParts.Zip(toParts).TakeWhile(pair => pair.First == pair.Second).Count();
        bool isNested = from.Length == 0 || to.Length == 0 || shared == fromParts.Length || shared == toParts.Length;
        return isNested ? null : (string.Join('/', fromParts[..shared]), fromParts[shared], toParts[shared]);
    }

    /// <summary>The edges of which each end reaches the other.</summary>
    private static HashSet<(string From, string To)> Circular((string From, string To)[] edges)
    {
        var targets = edges.ToLookup(edge => edge.From, edge => edge.To, StringComparer.Ordinal);
        return [.. edges.Where(edge => Reached(edge.To, targets).Contains(edge.From))];
    }

    private static HashSet<string> Reached(string start, ILookup<string, string> targets)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([start]);
        while (open.TryPop(out string? folder))
        {
            foreach (string next in targets[folder].Where(reached.Add))
                open.Push(next);
        }
        return reached;
    }

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?:\.[A-Z]\w*)+", RegexOptions.None, matchTimeoutMilliseconds: 10000)]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"^(?:(?:public|internal|file|static|abstract|sealed|readonly|unsafe|partial|ref) )*(?:class|struct|interface|enum|record(?: struct| class)?|delegate [\w<>\[\]?,. ]+?) (\w+)", RegexOptions.Multiline, matchTimeoutMilliseconds: 10000)]
    private static partial Regex TypeDeclaration();
}
