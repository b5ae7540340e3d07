using System.Globalization;
using TransformFramework.Generated;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.GraphDefs;

if (args is not [var folder])
{
    Console.Error.WriteLine("Give the folder to write to: the model (97.8 MiB) and three test images.");
    return 2;
}
Directory.CreateDirectory(folder);
string path = Path.Combine(folder, "resnetv1_50.pb");
using (FileStream file = File.Create(path))
    GraphDefWriter.Write(ResNet50.Fill(GraphDefReader.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "skeleton.pb")))), file);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {new FileInfo(path).Length:N0} bytes"));
for (int i = 0; i < ResNet50.Images; i++)
{
    string image = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"image_{i}.npy"));
    File.WriteAllBytes(image, NpyFile.Write(ResNet50.Image(i)));
    Console.WriteLine(image);
}
return 0;
