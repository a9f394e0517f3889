/**
 * Names of made-up people by culture, in Latin letters as in a travel document and, where the culture writes
 * otherwise, in its own script. Common names only; they say nothing about any person.
 */
export interface Name {
  readonly latin: string;
  readonly native?: string;
}

export interface Culture {
  /** BCP 47 language of most of its people, with the English name. */
  readonly language: readonly [code: string, name: string];
  /** Language tag of the names in the own script. */
  readonly script?: string;
  /** ISO 3166-1 alpha-3. */
  readonly nationality: string;
  readonly birthPlaces: readonly string[];
  /** Empty where people have no family name. */
  readonly families: readonly Name[];
  readonly men: readonly Name[];
  readonly women: readonly Name[];
}

/** `Ram राम, Hari हरि`: Latin, then the own script. */
function names(text: string): readonly Name[] {
  return text.split(', ').map((entry) => {
    const at = entry.search(/ (?!\p{Script=Latin})\p{L}/u);
    return at < 0 ? { latin: entry } : { latin: entry.slice(0, at), native: entry.slice(at + 1) };
  });
}

export const CULTURES = {
  karen: {
    language: ['ksw', "S'gaw Karen"],
    script: 'my',
    nationality: 'MMR',
    birthPlaces: ['Hpa-an', 'Kawkareik', 'Myawaddy', 'Hpapun', 'Taungoo'],
    families: [],
    men: names(
      'Saw Htoo စောထူး, Saw Eh Doh စောအဲဒိုး, Saw Ba Tin စောဘတင်, Saw Kler စောကလာ, Saw Moo စောမူး, Saw Thein စောသိန်း, Saw Lah Say စောလားဆေး, Saw Po Wah စောဖိုးဝါး',
    ),
    women: names(
      'Naw Paw နော်ပေါ, Naw Eh Ler နော်အဲလာ, Naw Mu နော်မူ, Naw Say Wah နော်စေးဝါး, Naw Htee နော်ထီ, Naw Ta Mla နော်တာမလာ, Naw Dah နော်ဒါ, Naw Hser နော်ဆာ',
    ),
  },
  syrian: {
    language: ['ar', 'Arabic'],
    script: 'ar',
    nationality: 'SYR',
    birthPlaces: ['Homs', 'Aleppo', 'Dar‘a', 'Idlib', 'Raqqa', 'Hama'],
    families: names(
      'al-Hamwi الحموي, Haddad حداد, Khalil خليل, al-Masri المصري, Darwish درويش, Najjar نجار, Qasim قاسم, Sabbagh صباغ, Rifai رفاعي, al-Homsi الحمصي, Shahin شاهين, Barakat بركات',
    ),
    men: names(
      'Ahmad أحمد, Mahmoud محمود, Omar عمر, Yousef يوسف, Khaled خالد, Bassel باسل, Samir سمير, Tarek طارق, Hassan حسن, Ziad زياد, Nizar نزار, Amjad أمجد',
    ),
    women: names(
      'Rasha رشا, Fatima فاطمة, Maryam مريم, Nour نور, Huda هدى, Layla ليلى, Amal أمل, Rim ريم, Zaynab زينب, Salma سلمى, Hanan حنان, Dima ديما',
    ),
  },
  afghan: {
    language: ['fa-AF', 'Dari'],
    script: 'fa',
    nationality: 'AFG',
    birthPlaces: ['Herat', 'Kabul', 'Mazar-e Sharif', 'Bamyan', 'Kunduz'],
    families: names(
      'Ahmadi احمدی, Rezai رضایی, Hosseini حسینی, Karimi کریمی, Nazari نظری, Mohammadi محمدی, Stanekzai ستانکزی, Haidari حیدری, Noori نوری, Sadat سادات',
    ),
    men: names(
      'Mohammad محمد, Ali علی, Hamid حمید, Najib نجیب, Farid فرید, Jawad جواد, Esmatullah عصمت‌الله, Habib حبیب, Reza رضا, Zalmai زلمی',
    ),
    women: names(
      'Zahra زهرا, Shukria شکریه, Parwin پروین, Fereshta فرشته, Laila لیلا, Nargis نرگس, Masuma معصومه, Soraya ثریا, Hamida حمیده, Mina مینا',
    ),
  },
  eritrean: {
    language: ['ti', 'Tigrinya'],
    script: 'ti',
    nationality: 'ERI',
    birthPlaces: ['Asmara', 'Keren', 'Dekemhare', 'Mendefera', 'Massawa'],
    families: names(
      'Tesfay ተስፋይ, Haile ሃይለ, Gebremedhin ገብረመድህን, Kidane ኪዳነ, Berhane ብርሃነ, Abraha ኣብርሃ, Woldu ወልዱ, Mehari መሓሪ, Okbay ዕቕባይ, Ghebru ገብሩ',
    ),
    men: names(
      'Yonas ዮናስ, Filmon ፊልሞን, Samuel ሳሙኤል, Dawit ዳዊት, Tekle ተኽለ, Robel ሮቤል, Amanuel ኣማኑኤል, Mehari መሓሪ, Isaias ኢሳይያስ',
    ),
    women: names(
      'Selam ሰላም, Luwam ልዋም, Almaz ኣልማዝ, Mihret ምሕረት, Rahel ራሄል, Helen ሄለን, Saba ሳባ, Abeba ኣበባ, Tsega ጸጋ',
    ),
  },
  congolese: {
    language: ['sw', 'Swahili'],
    nationality: 'COD',
    birthPlaces: ['Goma', 'Bukavu', 'Uvira', 'Bunia', 'Fizi'],
    families: names(
      'Mwamba, Kabongo, Bahati, Mukendi, Ilunga, Nshimirimana, Mugisha, Byamungu, Kasongo, Lukusa, Amisi, Muhindo, Bisimwa, Sifa',
    ),
    men: names(
      'Jean-Pierre, Emmanuel, Innocent, Baraka, Dieudonné, Amani, Espoir, Josué, Moïse, Héritier, Olivier, Trésor',
    ),
    women: names(
      'Espérance, Furaha, Neema, Marie-Claire, Josiane, Zawadi, Riziki, Béatrice, Rébecca, Noëlla, Aimée, Safi',
    ),
  },
  somali: {
    language: ['so', 'Somali'],
    nationality: 'SOM',
    birthPlaces: ['Kismaayo', 'Mogadishu', 'Baidoa', 'Afgooye', 'Jilib'],
    families: names('Abdi, Warsame, Hassan, Mohamud, Farah, Jama, Ali, Osman, Nur, Hirsi, Adan, Yusuf'),
    men: names(
      'Abdirahman, Mohamed, Ismail, Liban, Ahmed, Said, Yasin, Bashir, Mukhtar, Guled, Hamza, Zakaria',
    ),
    women: names('Amina, Fadumo, Hodan, Halima, Ayaan, Sahra, Ifrah, Nimco, Khadija, Hawa, Sagal, Ubah'),
  },
  nepali: {
    language: ['ne', 'Nepali'],
    script: 'ne',
    nationality: 'NPL',
    birthPlaces: ['Pokhara', 'Dharan', 'Butwal', 'Janakpur', 'Dhading', 'Jhapa'],
    families: names(
      'Tamang तामाङ, Gurung गुरुङ, Thapa थापा, Rai राई, Magar मगर, Shrestha श्रेष्ठ, Chaudhary चौधरी, Limbu लिम्बू, Bhattarai भट्टराई, Khadka खड्का, Yadav यादव',
    ),
    men: names(
      'Ram राम, Bishnu विष्णु, Hari हरि, Dipak दीपक, Santosh सन्तोष, Prakash प्रकाश, Suman सुमन, Kumar कुमार, Bikash विकास, Rajesh राजेश, Tek Bahadur टेक बहादुर',
    ),
    women: names(
      'Sita सीता, Gita गीता, Maya माया, Sunita सुनिता, Kamala कमला, Laxmi लक्ष्मी, Anita अनिता, Sabina सबिना, Bimala विमला, Rekha रेखा',
    ),
  },
  rohingya: {
    language: ['rhg', 'Rohingya'],
    script: 'bn',
    nationality: 'XXA',
    birthPlaces: ['Maungdaw', 'Buthidaung', 'Rathedaung'],
    families: [],
    men: names(
      'Mohammed Rafiq মোহাম্মদ রফিক, Abdul Karim আব্দুল করিম, Nur Alam নূর আলম, Syed Hossain সৈয়দ হোসেন, Kamal Uddin কামাল উদ্দিন, Jafar Alam জাফর আলম, Anwar Sadek আনোয়ার সাদেক',
    ),
    women: names(
      'Rashida Begum রশিদা বেগম, Nur Jahan নূর জাহান, Hasina Khatun হাসিনা খাতুন, Senuara সেনুয়ারা, Minara Begum মিনারা বেগম, Toyoba তৈয়বা, Fatema Khatun ফাতেমা খাতুন',
    ),
  },
  filipino: {
    language: ['fil', 'Filipino'],
    nationality: 'PHL',
    birthPlaces: ['Cebu', 'Davao', 'Iloilo', 'Quezon City', 'Baguio'],
    families: names(
      'Reyes, Santos, Cruz, Bautista, Garcia, Ramos, Villanueva, Dela Cruz, Aquino, Navarro, Magsaysay, Peña',
    ),
    men: names('Jose, Mark Anthony, Juan Carlos, Rodel, Ramon, Jericho, Noel, Arnel, Christian, Dennis'),
    women: names('Maria Theresa, Rowena, Analyn, Cristina, Jocelyn, Marites, Angelica, Liza, Rosario, Grace'),
  },
  vietnamese: {
    language: ['vi', 'Vietnamese'],
    nationality: 'VNM',
    birthPlaces: ['Nghệ An', 'Hải Phòng', 'Đà Nẵng', 'Cần Thơ', 'Huế'],
    families: names('Nguyễn, Trần, Lê, Phạm, Hoàng, Võ, Đặng, Bùi, Đỗ, Hồ'),
    men: names('Văn Hùng, Minh Tuấn, Quốc Bảo, Đức Anh, Hữu Phước, Thanh Sơn, Công Thành, Gia Huy'),
    women: names('Thị Lan, Thị Hương, Ngọc Ánh, Thu Hà, Thị Mai, Bích Ngọc, Thị Hoa, Kim Oanh'),
  },
  ghanaian: {
    language: ['ak', 'Akan'],
    nationality: 'GHA',
    birthPlaces: ['Kumasi', 'Accra', 'Tamale', 'Cape Coast'],
    families: names('Mensah, Owusu, Boateng, Asante, Osei, Appiah, Amoah, Adjei, Acheampong, Agyeman'),
    men: names('Kofi, Kwame, Yaw, Kwabena, Kojo, Emmanuel, Samuel, Isaac'),
    women: names('Ama, Akosua, Abena, Efua, Adwoa, Esi, Grace, Comfort'),
  },
  iraqi: {
    language: ['ar', 'Arabic'],
    script: 'ar',
    nationality: 'IRQ',
    birthPlaces: ['Mosul', 'Sinjar', 'Basra', 'Kirkuk', 'Erbil'],
    families: names(
      'al-Jubouri الجبوري, al-Dulaimi الدليمي, Hussein حسين, Jasim جاسم, Saleh صالح, Murad مراد, Elias الياس, Hamid حامد',
    ),
    men: names('Ali علي, Mustafa مصطفى, Haider حيدر, Karrar كرار, Sarmad سرمد, Saif سيف, Laith ليث'),
    women: names('Zahra زهراء, Shahad شهد, Sara سارة, Noor نور, Iman إيمان, Nadia نادية, Israa إسراء'),
  },
  nuer: {
    language: ['nus', 'Nuer'],
    nationality: 'SSD',
    birthPlaces: ['Bentiu', 'Leer', 'Malakal', 'Akobo', 'Rubkona'],
    families: [],
    men: names('Gatluak, Riek, Duoth, Koang, Tut, Gatwech, Peter Machar, Both, Chuol, Simon Gai'),
    women: names(
      'Nyakong, Nyadak, Nyamal, Nyakuoth, Nyabol, Nyanhial, Mary Nyagai, Nyaruot, Nyachan, Nyapuka',
    ),
  },
  ukrainian: {
    language: ['uk', 'Ukrainian'],
    script: 'uk',
    nationality: 'UKR',
    birthPlaces: ['Kharkiv', 'Mariupol', 'Kherson', 'Zaporizhzhia', 'Mykolaiv'],
    families: names(
      'Kovalenko Коваленко, Shevchenko Шевченко, Bondarenko Бондаренко, Tkachuk Ткачук, Kravets Кравець, Melnyk Мельник, Oliinyk Олійник, Lysenko Лисенко',
    ),
    men: names(
      'Oleksandr Олександр, Andrii Андрій, Mykola Микола, Serhii Сергій, Dmytro Дмитро, Ivan Іван, Taras Тарас',
    ),
    women: names(
      'Olena Олена, Iryna Ірина, Natalia Наталія, Oksana Оксана, Kateryna Катерина, Sofiia Софія, Halyna Галина',
    ),
  },
} as const satisfies Record<string, Culture>;

export type CultureName = keyof typeof CULTURES;
