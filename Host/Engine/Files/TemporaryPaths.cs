using System.Collections.Concurrent;

namespace TransformFramework.Engine.Files;

/// <summary>The temporary files and folders that outputs are written to, so that none is left when the process must end at once.</summary>
public static class TemporaryPaths
{
    private static readonly ConcurrentDictionary<string, bool> Paths = new(StringComparer.Ordinal);

    /// <summary>Deletes every temporary file and folder; what cannot be deleted is left.</summary>
    public static void DeleteAll()
    {
        foreach (string path in Paths.Keys)
        {
            try
            {
                if (Directory.Exists(path))
                    Directory.Delete(path, recursive: true);
                else
                    File.Delete(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                continue;
            }
        }
    }

    internal static void Add(string path) => Paths[path] = true;

    internal static void Remove(string path) => Paths.TryRemove(path, out _);
}
