using System.Text;
using System.Text.RegularExpressions;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Checkpoints;

namespace TransformFramework.SavedModel.Reading;

/// <summary>Where the files of a model are in its source.</summary>
/// <param name="Folder">Folder of the files, empty or with a <c>/</c> at its end.</param>
/// <param name="GraphFile">Name of the file with the graph.</param>
/// <param name="Checkpoint">Name of the checkpoint's files without their endings.</param>
/// <param name="IsSavedModel">True for a SavedModel, false for a graph (<c>.meta</c>) with a checkpoint.</param>
internal sealed partial record ModelLocation(string Folder, string GraphFile, string Checkpoint, bool IsSavedModel)
{
    private const int Head = 4096;

    private static readonly string[] SavedModelNames = ["saved_model.pb", "saved_model.pbtxt"];

    /// <summary>The place of a SavedModel or checkpoint, or null when the source is neither.</summary>
    public static ModelLocation? Find(ModelSource source) => source.Main is { } main ? OfFile(source, main) : OfFolder(source);

    private static ModelLocation? OfFile(ModelSource source, ModelSourceFile main)
    {
        string name = System.IO.Path.GetFileName(main.Name);
        ReadOnlySpan<byte> head = main.Slice(0, (int)Math.Min(main.Length, Head)).Span;
        if (IsSavedModelContent(head))
            return SavedModel("", name);
        if (IsMetaGraphContent(head))
            return new("", name, WithoutEnding(name, ".meta"), IsSavedModel: false);
        bool isData = name.Contains(".data-", StringComparison.Ordinal) && source.Find(name[..name.IndexOf(".data-", StringComparison.Ordinal)] + ".index") is not null;
        if (!isData && !SortedTable.IsTable(main))
            return null;
        string prefix = isData ? name[..name.IndexOf(".data-", StringComparison.Ordinal)] : ShardNumber().Replace(WithoutEnding(name, ".index"), "");
        return new("", prefix + ".meta", prefix, IsSavedModel: false);
    }

    private static ModelLocation? OfFolder(ModelSource source)
    {
        string[] models = [.. source.Names.Where(name => SavedModelNames.Contains(System.IO.Path.GetFileName(name)))];
        if (models.Length > 0)
        {
            int depth = models.Min(name => name.Count(letter => letter == '/'));
            string[] nearest = [.. models.Where(name => name.Count(letter => letter == '/') == depth).DistinctBy(FolderOf)];
            if (nearest.Length > 1)
                throw SavedModelDiagnostics.Error(SavedModelDiagnostics.MissingFile, $"'{source.Path}' holds several SavedModels: {string.Join(", ", nearest.Take(10))}", "Give the folder of one of them.");
            return SavedModel(FolderOf(nearest[0]), nearest[0]);
        }
        string[] states = [.. source.Names.Where(name => System.IO.Path.GetFileName(name) == "checkpoint")];
        if (states.Length == 1 && LatestOf(source.Find(states[0])) is { } latest)
            return new(FolderOf(states[0]), FolderOf(states[0]) + latest + ".meta", FolderOf(states[0]) + latest, IsSavedModel: false);
        string[] graphs = [.. source.Names.Where(name => name.EndsWith(".meta", StringComparison.Ordinal))];
        return graphs.Length == 1 ? new(FolderOf(graphs[0]), graphs[0], WithoutEnding(graphs[0], ".meta"), IsSavedModel: false) : null;
    }

    private static ModelLocation SavedModel(string folder, string file) => new(folder, file, folder + "variables/variables", IsSavedModel: true);

    private static string FolderOf(string name) => name[..(name.LastIndexOf('/') + 1)];

    private static string WithoutEnding(string name, string ending) => name.EndsWith(ending, StringComparison.Ordinal) ? name[..^ending.Length] : name;

    /// <summary>A SavedModel begins with its schema version, then a meta graph.</summary>
    private static bool IsSavedModelContent(ReadOnlySpan<byte> head) =>
        head.Length > 2 && ((head[0] == 0x08 && head[1] is 0 or 1 && head[2] == 0x12) || (head[0] == 0x12 && IsMetaGraphContent(AfterLength(head[1..]))) || head.IndexOf("saved_model_schema_version"u8) is >= 0 and < 256 || head.IndexOf("meta_graphs"u8) is >= 0 and < 64);

    /// <summary>A MetaGraphDef begins with a message that lists the graph's ops by their definitions, or with the text <c>meta_info_def</c>.</summary>
    private static bool IsMetaGraphContent(ReadOnlySpan<byte> head)
    {
        if (head.IndexOf("meta_info_def"u8) is >= 0 and < 64)
            return true;
        if (head.Length < 8 || head[0] != 0x0A)
            return false;
        ReadOnlySpan<byte> info = AfterLength(head[1..]);
        if (info.Length > 1 && info[0] == 0x0A && info[1] < info.Length - 2)
            info = info[(2 + info[1])..];
        return info.Length > 2 && info[0] == 0x12 && AfterLength(info[1..]) is [0x0A, ..];
    }

    private static ReadOnlySpan<byte> AfterLength(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length && at < 10 && bytes[at] >= 0x80)
            at++;
        return bytes[Math.Min(at + 1, bytes.Length)..];
    }

    /// <summary>The checkpoint that a file named <c>checkpoint</c> says is the latest; the path in it may be another machine's.</summary>
    private static string? LatestOf(ModelSourceFile? state)
    {
        if (state is null || state.Length is 0 or > Head * 16)
            return null;
        Match match = LatestPath().Match(Encoding.UTF8.GetString(state.Slice(0, (int)state.Length).Span));
        return match.Success ? match.Groups[1].Value.Split('/', '\\')[^1] : null;
    }

    [GeneratedRegex("""^\s*model_checkpoint_path\s*:\s*"([^"]*)"\s*$""", RegexOptions.Multiline, 60_000)]
    private static partial Regex LatestPath();

    [GeneratedRegex(@"-[0-9]{5}-of-[0-9]{5}$", RegexOptions.None, 60_000)]
    private static partial Regex ShardNumber();
}
