namespace TransformFramework.Workflows.Data;

/// <summary>A file of samples on a disk, or behind an address that needs no further permission (presigned).</summary>
/// <param name="Location">Path or address.</param>
/// <param name="Label">The class that a list gives it; null for none.</param>
public sealed record SampleSource(string Location, int? Label = null)
{
    /// <summary>Files that hold one sample, or are read into memory as a whole, are not larger.</summary>
    private const long MostBytes = 1L << 30;

    private static readonly string[] TarEndings = [".tar", ".tar.gz", ".tgz"];

    /// <summary>Path or address, without the signature of an address.</summary>
    public string Name => IsRemote ? Location.Split('?')[0] : Location;

    /// <summary>The ending of the name, such as <c>.npz</c>.</summary>
    public string Ending => Path.GetExtension(Name).ToLowerInvariant();

    /// <summary>True for a list of sources, one a line.</summary>
    public static bool IsList(string path) => path.StartsWith('@') || Path.GetExtension(path).ToLowerInvariant() is ".list" or ".lst";

    /// <summary>TFRecord files, which are often named <c>train.tfrecord-00000-of-00010</c>.</summary>
    public bool IsRecords => FileName.Contains(".tfrecord", StringComparison.OrdinalIgnoreCase);

    /// <summary>Archives of which files with a common name are one sample (WebDataset).</summary>
    public bool IsTar => TarEndings.Any(ending => FileName.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it is something that holds samples.</summary>
    public bool IsKnown => ImageFile.IsImage(Name) || Ending is ".npz" or ".npy" or ".wav" || IsRecords || IsTar;

    /// <summary>What identifies it in a list of data: its name below a folder and its length.</summary>
    /// <param name="folder">The folder that all of the data are in.</param>
    public string Identity(string folder) => IsRemote ? Name : $"{Path.GetRelativePath(folder, Location).Replace('\\', '/')}\t{(File.Exists(Location) ? new FileInfo(Location).Length : -1)}";

    /// <summary>Opens it to be read from the beginning to the end.</summary>
    /// <exception cref="FeedException">It cannot be opened.</exception>
    public Stream Open() => Guard(() => IsRemote ? RemoteFile.Open(new Uri(Location)) : File.OpenRead(Location));

    /// <summary>All of it.</summary>
    /// <exception cref="FeedException">It cannot be read, or is too large.</exception>
    public byte[] ReadAll() => Guard(() =>
    {
        using Stream stream = Open();
        return BoundedReading.ToEnd(stream, MostBytes);
    });

    /// <summary>Turns refusals of the file system or network into an exception that names the file.</summary>
    /// <exception cref="FeedException">The work fails.</exception>
    internal T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or OverflowException or ArgumentException or HttpRequestException or OperationCanceledException)
        {
            throw new FeedException($"'{Name}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Whether it is an address.</summary>
    public bool IsRemote => Location.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || Location.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private string FileName => Path.GetFileName(Name);
}
