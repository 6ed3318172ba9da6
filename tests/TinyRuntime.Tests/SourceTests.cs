using nanoFramework.Runtime.Native;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.TinyRuntime.Tests;

/// <summary>Array, resource and file give the same model; what each may hold and allocate; what happens past the end.</summary>
public class SourceTests
{
    public static TheoryData<string> Models =>
    [
        "built", "nanguoyu_magic_wand_imu6", "mlperf_ad_autoencoder", "mlperf_kws_dscnn", "mltk_magic_wand", "tflm_hello_world_int8", "tflm_micro_speech",
        "tflm_mnist_lstm_int8", "tinymaix_mnist_rect_q",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void All_three_sources_give_the_same_outputs(string name)
    {
        PackResult packed = Pack(name);
        using var disk = new PackOnDisk(packed.Pack);
        var outputs = new List<byte[]>();
        foreach (IPackSource source in disk.Sources(packed.Pack))
        {
            using var file = source as IDisposable;
            Session session = Model.Load(source).CreateSession();
            var all = new List<byte>();
            for (int run = 0; run < 3; run++)
            {
                WriteInputs(session, run);
                session.Run();
                all.AddRange(ReadOutputs(session));
            }

            outputs.Add([.. all]);
        }

        Assert.NotEmpty(outputs[0]);
        Assert.Equal(outputs[0], outputs[1]);
        Assert.Equal(outputs[0], outputs[2]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Running_from_an_array_or_a_file_allocates_nothing(string name)
    {
        PackResult packed = Pack(name);
        using var disk = new PackOnDisk(packed.Pack);
        using var file = new FileSource(disk.Path);
        foreach (IPackSource source in new IPackSource[] { new ByteArraySource(packed.Pack), file })
        {
            Session session = Model.Load(source).CreateSession();
            WriteInputs(session, 1);
            session.Run();
            session.Run();
            long before = GC.GetAllocatedBytesForCurrentThread();
            session.Run();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void No_read_of_a_running_session_is_larger_than_the_window(string name)
    {
        PackResult packed = Pack(name);
        using var disk = new PackOnDisk(packed.Pack);
        var source = new RecordingSource(new ResourceSource(disk.Resources, PackOnDisk.Id.model));
        Session session = Model.Load(source).CreateSession();
        source.Largest = 0;
        WriteInputs(session, 2);
        session.Run();
        session.Reset();
        Assert.InRange(source.Largest, 1, packed.WindowBytes);
        Assert.InRange(source.LargestArray, 1, Math.Max(packed.WindowBytes, ResourceSource.LeastSlice));
    }

    [Fact]
    public void A_read_past_the_end_is_refused_by_every_source()
    {
        byte[] pack = BuiltModels.ConvolutionsAndDense().Pack;
        using var disk = new PackOnDisk(pack);
        foreach (IPackSource source in disk.Sources(pack))
        {
            using var file = source as IDisposable;
            Assert.Equal(pack.Length, source.Length);
            Assert.Equal(pack[^1], source.Fetch(pack.Length - 1, 1)[source.Start]);
            Assert.Throws<PackException>(() => source.Fetch(pack.Length, 1));
            Assert.Throws<PackException>(() => source.Fetch(pack.Length - 3, 4));
            Assert.Throws<PackException>(() => source.Fetch(-1, 4));
            Assert.Throws<PackException>(() => source.Fetch(0, -1));
            Assert.Throws<PackException>(() => source.Fetch(int.MaxValue, int.MaxValue));
        }
    }

    [Fact]
    public void Every_piece_of_every_length_is_the_packs_own_bytes()
    {
        byte[] pack = BuiltModels.ConvolutionsAndDense().Pack;
        using var disk = new PackOnDisk(pack);
        var random = new Random(3);
        foreach (IPackSource source in disk.Sources(pack))
        {
            using var file = source as IDisposable;
            for (int i = 0; i < 2000; i++)
            {
                int count = random.Next(0, 129), offset = random.Next(0, pack.Length - count + 1);
                byte[] data = source.Fetch(offset, count);
                Assert.True(pack.AsSpan(offset, count).SequenceEqual(data.AsSpan(source.Start, count)), $"{source.GetType().Name} at {offset}, {count} bytes");
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(2000)]
    public void A_cut_pack_is_refused_with_a_sentence(int length)
    {
        byte[] pack = BuiltModels.ConvolutionsAndDense().Pack[..length];
        using var disk = new PackOnDisk(pack);
        var resource = Assert.Throws<PackException>(() => Model.Load(new ResourceSource(disk.Resources, PackOnDisk.Id.model)));
        using var file = new FileSource(disk.Path);
        var inFile = Assert.Throws<PackException>(() => Model.Load(file));
        Assert.EndsWith(".", resource.Message);
        Assert.EndsWith(".", inFile.Message);
    }

    [Fact]
    public void A_resource_that_is_no_pack_is_refused_for_its_magic_number()
    {
        using var disk = new PackOnDisk([.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 7))]);
        using var file = new FileSource(disk.Path);
        Assert.Contains("magic", Assert.Throws<PackException>(() => Model.Load(file)).Message);
        var source = new ResourceSource(disk.Resources, PackOnDisk.Id.model);
        Assert.Contains("magic", Assert.Throws<PackException>(() => Model.Load(source)).Message);
    }

    [Fact]
    public void A_missing_file_and_a_closed_file_are_named()
    {
        Assert.Contains("nowhere.tinyai", Assert.Throws<PackException>(() => new FileSource("/nowhere.tinyai")).Message);
        using var disk = new PackOnDisk(BuiltModels.ConvolutionsAndDense().Pack);
        var source = new FileSource(disk.Path);
        source.Dispose();
        source.Dispose();
        Assert.Contains("closed", Assert.Throws<PackException>(() => source.Fetch(0, 4)).Message);
    }

    [Fact]
    public void The_stand_in_finds_entries_by_the_devices_hash()
    {
        // -2404 is the id that the metadata processor gave the entry "model" of a real application.
        Assert.Equal(-2404, ResourceUtility.IdOf("model"));
        using var disk = new PackOnDisk([1, 2, 3, 4, 5]);
        Assert.Equal(new byte[] { 4, 5 }, ResourceUtility.GetObject(disk.Resources, PackOnDisk.Id.model, 3, 10));
        Assert.Throws<IndexOutOfRangeException>(() => ResourceUtility.GetObject(disk.Resources, PackOnDisk.Id.model, 5, 1));
        Assert.Throws<ArgumentException>(() => ResourceUtility.GetObject(disk.Resources, PackOnDisk.Id.absent, 0, 1));
    }

    private static PackResult Pack(string name)
    {
        if (name == "built") return BuiltModels.ConvolutionsAndDense();
        try
        {
            return Packer.Pack(File.ReadAllBytes(Path.Combine(SharedFolder.ZooOrSkip(), "models", name + ".tflite")), name);
        }
        catch (UnsupportedModelException e)
        {
            Assert.Skip($"{name} cannot be packed yet: {e.Message}");
            throw;
        }
    }

    private static void WriteInputs(Session session, int seed)
    {
        for (int i = 0; i < session.Model.InputCount; i++)
            session.WriteBytes(i, BuiltModels.Input(session.Model.Input(i).Size, seed + 100 * i), 0);
    }

    private static byte[] ReadOutputs(Session session)
    {
        var all = new List<byte>();
        for (int i = 0; i < session.Model.OutputCount; i++)
        {
            var bytes = new byte[session.Model.Output(i).Size];
            session.ReadBytes(i, bytes, 0);
            all.AddRange(bytes);
        }

        return [.. all];
    }

    /// <summary>Notes the largest request and the largest array that another source gives.</summary>
    private sealed class RecordingSource(IPackSource inner) : IPackSource
    {
        public int Largest { get; set; }

        public int LargestArray { get; private set; }

        public int Length => inner.Length;

        public bool InPlace => inner.InPlace;

        public int Start => inner.Start;

        public byte[] Fetch(int offset, int count)
        {
            Largest = Math.Max(Largest, count);
            byte[] data = inner.Fetch(offset, count);
            LargestArray = Math.Max(LargestArray, data.Length);
            return data;
        }
    }
}
